import { Alert, Badge, Stack, TextLink } from '@grafana/ui'
import { paths } from '../../app/paths'
import type { Eviction, Topology } from '../../api/contract'
import { useEviction, useTopology } from '../../api/hooks'
import { Figures } from '../../components/Figure'
import { Loaded } from '../../components/states/Loaded'
import { DataTable } from '../operations/DataTable'
import { Lines } from '../operations/Lines'
import { Meter } from '../operations/Meter'
import { short } from '../operations/text'
import { DISAGREE, pressure, sayDrift, sayLimit } from './limits'

type Node = Eviction['nodes'][number]

interface Props {
  readonly cluster: string
  /** The page has the advice, too, which says that nodes disagree and what to do. */
  readonly advised?: boolean
}

/** Policy, limit and pressure on every node as they are now, and where nodes disagree. */
export function EvictionState({ cluster, advised = false }: Props) {
  const query = useEviction(cluster)
  // Numbers and order of the shards as everywhere else; without them their ids have to do.
  const shards = useTopology(cluster).data?.shards ?? []
  return (
    <Loaded query={query} what="every node" quiet={advised} brief={advised}>
      {(data) => <Nodes {...data} advised={advised} shards={shards} />}
    </Loaded>
  )
}

interface NodesProps extends Eviction {
  readonly advised: boolean
  readonly shards: Topology['shards']
}

function Nodes({ cluster, advised, shards, effective, drift, nodes, advice }: NodesProps) {
  const numberOf = (shard: string) => shards.findIndex(({ id }) => id === shard) + 1
  const inOrder = nodes.toSorted(
    (a, b) => numberOf(a.shard) - numberOf(b.shard) || a.role.localeCompare(b.role),
  )
  const drifting = new Set(drift.map(({ parameter }) => parameter))
  const silent = nodes.filter((node) => node.error !== undefined)
  const mark = (node: Node, parameter: 'policy' | 'maxmemory' | 'samples', text: string) =>
    node.error === undefined && drifting.has(parameter) ? (
      <Stack wrap="wrap" gap={1} justifyContent={parameter === 'policy' ? 'flex-start' : 'flex-end'}>
        <span>{text}</span>
        {isOdd(drift, parameter, text) && <Badge text="differs" color="orange" />}
      </Stack>
    ) : (
      text
    )
  return (
    <Stack direction="column" gap={2}>
      {silent.length > 0 && (
        <Alert severity="error" title={`${silent.length} of ${nodes.length} nodes could not be read`}>
          <Lines
            lines={silent.map(({ instance, error = '', todo }) => {
              // Errors of a connection name the node already.
              const said = error.startsWith(`${instance}: `) ? error : `${instance}: ${error}`
              return todo === undefined ? said : `${said}. What to do: ${todo}`
            })}
          />
        </Alert>
      )}
      {drift.length > 0 && !(advised && advice.some(({ rule }) => rule === DISAGREE)) && (
        <Alert severity="warning" title="Nodes disagree">
          <Lines lines={sayDrift(drift)} />A failover would change how the cluster behaves. Plan the values
          you want: it sets every node.
        </Alert>
      )}
      <Figures
        items={[
          { label: 'Policy', children: effective.policy ?? 'nodes disagree' },
          {
            label: 'Limit of each node',
            children: effective.maxmemory === undefined ? 'nodes disagree' : sayLimit(effective.maxmemory),
          },
          { label: 'Samples', children: effective.samples ?? 'nodes disagree' },
        ]}
      />
      <DataTable
        label="Memory and eviction of each node"
        rows={inOrder}
        rowKey={({ id }) => id}
        columns={[
          {
            header: 'Node',
            cell: ({ instance }) => (
              <TextLink href={`${paths.node(cluster, instance)}?part=memory`} inline={false}>
                {instance}
              </TextLink>
            ),
          },
          { header: 'Role', cell: ({ role }) => role },
          { header: 'Shard', cell: ({ shard }) => (numberOf(shard) > 0 ? numberOf(shard) : short(shard)) },
          { header: 'Memory', cell: (node) => <Pressure {...node} /> },
          { header: 'Policy', cell: (node) => mark(node, 'policy', node.policy ?? 'not known') },
          {
            header: 'Limit',
            cell: (node) =>
              mark(node, 'maxmemory', node.maxmemory === undefined ? 'not known' : sayLimit(node.maxmemory)),
            numeric: true,
          },
          {
            header: 'Samples',
            cell: (node) =>
              mark(node, 'samples', node.samples === undefined ? 'not known' : String(node.samples)),
            numeric: true,
          },
        ]}
      />
    </Stack>
  )
}

/** Whether a value is another than most nodes have. */
function isOdd(drift: Eviction['drift'], parameter: string, text: string): boolean {
  const values = drift.find((entry) => entry.parameter === parameter)?.values ?? []
  const most = [...values].sort((a, b) => b.nodes.length - a.nodes.length)[0]
  if (!most) return false
  const said = parameter === 'maxmemory' ? sayLimit(Number(most.value)) : String(most.value)
  return said !== text
}

function Pressure({ instance, usedMemory, maxmemory }: Node) {
  const known = pressure(usedMemory, maxmemory)
  if (!known) return <>not known</>
  return <Meter label={`Memory of ${instance}`} {...known} />
}
