import type { Advice } from '../../contract/eviction.js'
import { oddNodes } from './drift.js'
import { shown, type Facts, type Rule } from './facts.js'
import { memoryRules } from './rules-memory.js'
import { policyRules } from './rules-policy.js'
import { workRules } from './rules-work.js'

const disagreement: Rule = {
  name: 'nodes-disagree',
  look({ drift }) {
    if (drift.length === 0) return undefined
    return {
      severity: 'warning',
      what: 'Nodes disagree',
      why: 'A failover would change how the cluster evicts.',
      evidence: drift.map((one) =>
        shown(
          one.parameter,
          one.values.map(({ value, nodes }) => `${String(value)} on ${nodes.length}`).join(', '),
          'CONFIG GET on every node',
        ),
      ),
      confidence: 'high',
      todo: 'Set the value that you want: a plan sets every node.',
      spec: Object.fromEntries(drift.map(({ parameter, values }) => [parameter, values[0]!.value])),
      nodes: [...new Set(drift.flatMap(oddNodes))],
    }
  },
}

const lostAtRestart: Rule = {
  name: 'lost-at-restart',
  look({ unpersisted }) {
    if (unpersisted.length === 0) return undefined
    const withoutFile = unpersisted.some(({ configFile }) => !configFile)
    return {
      severity: 'suggestion',
      what: 'A restart would lose what was set',
      why: withoutFile
        ? 'It was set at run time, and the nodes run without a configuration file that could keep it.'
        : 'It was set at run time without persist.',
      evidence: unpersisted.map(({ parameter, value, operation }) =>
        shown(parameter, String(value), `operation ${operation}`),
      ),
      confidence: 'high',
      todo: withoutFile
        ? 'Put it where the nodes are started: the chart, the operator, the command line.'
        : 'Plan the same with persist, or put it where redis.conf is made.',
      ...(!withoutFile && {
        spec: {
          ...Object.fromEntries(unpersisted.map(({ parameter, value }) => [parameter, value])),
          persist: true,
        },
      }),
      nodes: [...new Set(unpersisted.flatMap(({ nodes }) => nodes))],
    }
  },
}

/** Every rule by its name; docs/operations.md lists them. */
export const rules: readonly Rule[] = [
  disagreement,
  ...policyRules,
  ...memoryRules,
  ...workRules,
  lostAtRestart,
]

const ORDER = ['warning', 'suggestion', 'information'] as const

/** What the rules say, warnings first. Pure. */
export function advise(facts: Facts): Advice[] {
  const all = rules.flatMap(({ name, look }): Advice[] => {
    const finding = look(facts)
    if (!finding) return []
    const { spec, ...rest } = finding
    return [{ rule: name, ...rest, ...(spec && { spec }) }]
  })
  return all.sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
}
