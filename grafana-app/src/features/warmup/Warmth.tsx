import { Badge } from '@grafana/ui'
import { Loaded } from '../../components/states/Loaded'
import * as warmth from '../../queries/warmth'
import { usePrometheus } from '../../queries/usePrometheus'
import { DataTable, type Column } from '../operations/DataTable'
import { Meter } from '../operations/Meter'
import { bytes, count, percent } from '../operations/text'
import { compareWarmth, type Warmth as Row } from './compareWarmth'

const beside: Column<Row> = {
  header: 'Beside the fullest',
  cell: ({ cold }) => (cold === undefined ? null : <Badge text={cold} color="blue" icon="arrow-down" />),
}

/** Whether the cluster is cold: its keys, hit ratio and memory beside those of the other clusters. */
export function Warmth({ cluster }: { readonly cluster: string }) {
  const query = usePrometheus({
    keys: warmth.keys(),
    used: warmth.used(),
    limit: warmth.limit(),
    hitRatio: warmth.hitRatioNow(),
  })
  return (
    <Loaded query={query} what="keys and hit ratios from Prometheus">
      {(data) => {
        const rows = compareWarmth(cluster, data)
        if (rows.length === 0) return <p>Prometheus has no figures of any cluster now.</p>
        return (
          <DataTable
            label={`How warm ${cluster} is beside the other clusters`}
            rows={rows}
            rowKey={({ name }) => name}
            columns={[
              {
                header: 'Cluster',
                cell: ({ name }) =>
                  name === cluster ? (
                    <strong style={{ whiteSpace: 'nowrap' }}>{name} (this one)</strong>
                  ) : (
                    name
                  ),
              },
              {
                header: 'Keys',
                cell: ({ keys }) => (keys === undefined ? 'no data' : count(keys)),
                numeric: true,
              },
              {
                header: 'Lookups that hit, last 5 min',
                cell: ({ hitRatio }) => (hitRatio === undefined ? 'no lookups' : percent(hitRatio)),
                numeric: true,
              },
              { header: 'Memory of the primaries', cell: (row) => <Memory {...row} /> },
              ...(rows.some(({ cold }) => cold !== undefined) ? [beside] : []),
            ]}
          />
        )
      }}
    </Loaded>
  )
}

function Memory({ name, used, limit }: Row) {
  if (used === undefined) return <>no data</>
  if (limit === undefined || limit === 0) return <>{bytes(used)}, no limit</>
  return (
    <Meter
      label={`Memory of ${name}`}
      share={used / limit}
      tone={used / limit >= 0.9 ? 'warning' : 'neutral'}
      text={`${bytes(used)} of ${bytes(limit)} (${percent(used / limit)})`}
    />
  )
}
