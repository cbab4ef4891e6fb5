import type { Command } from 'commander'
import type { Advice, Eviction } from '../../contract/eviction.js'
import { PARAMETERS } from '../../contract/kinds/eviction-policy.js'
import { addApiCommand, runAgainstApi, type ApiFlags } from './command.js'
import { size } from './figures.js'
import { table } from './table.js'
import { harmless, type Terminal } from './terminal.js'

/** `slotwise eviction` */
export function addEvictionCommand(program: Command, terminal: Terminal): void {
  addApiCommand(
    program,
    'eviction',
    'what decides about evictions on every node, where nodes disagree, what a restart would lose, and advice',
  )
    .requiredOption('--cluster <name>', 'the cluster to look at (required)')
    .action(async ({ cluster, json }: ApiFlags & { cluster: string }, command: Command) =>
      runAgainstApi(command, terminal, async (client) => {
        const eviction = await client.call('getEviction', { params: { cluster } })
        terminal.print(json ? JSON.stringify(eviction, null, 2) : renderEviction(eviction))
        return 0
      }),
    )
}

function renderEviction({ cluster, nodes, drift, unpersisted, advice }: Eviction): string {
  const rows = nodes.map(({ instance, role, shard, policy, maxmemory, usedMemory, error, todo }) => [
    instance,
    role,
    shard.slice(0, 8),
    policy ?? '',
    maxmemory === undefined ? '' : maxmemory === 0 ? 'no limit' : size(maxmemory),
    usedMemory === undefined ? '' : size(usedMemory),
    [error, todo && `-> ${todo}`].filter((text) => text !== undefined).join('\n'),
  ])
  return harmless(
    [
      table(['node', 'role', 'shard', 'policy', 'maxmemory', 'used', 'not read'], rows),
      drift.length === 0 && 'the nodes agree',
      ...drift.map(
        ({ parameter, values }) =>
          `nodes disagree about ${PARAMETERS[parameter]}: ${values.map(({ value, nodes }) => `${value} on ${nodes.join(', ')}`).join('; ')}`,
      ),
      ...unpersisted.map(
        ({ parameter, value, nodes, operation }) =>
          `a restart would lose ${PARAMETERS[parameter]} ${value} on ${nodes.join(', ')}, set by operation ${operation}`,
      ),
      advice.length === 0 && 'no advice',
      ...advice.map((one) => `\n${renderAdvice(one, cluster)}`),
    ]
      .filter((line) => line !== false)
      .join('\n'),
  )
}

function renderAdvice(
  { rule, severity, confidence, what, why, evidence, todo, spec }: Advice,
  cluster: string,
): string {
  const set = Object.entries(spec ?? {}).map(([name, value]) => ` --set ${name}=${String(value)}`)
  return [
    `${severity} ${rule}: ${what} (confidence: ${confidence})`,
    `  ${why}`,
    ...evidence.map(({ figure, value, source }) => `  ${figure}: ${value} (${source})`),
    `  -> ${todo}`,
    ...(set.length > 0 ? [`  slotwise plan eviction-policy --cluster ${cluster}${set.join('')} --wait`] : []),
  ].join('\n')
}
