import { Stack } from '@grafana/ui'
import type { Estimated, EvictKeysSpec, Plan } from '../../api/contract'
import { DataTable } from '../operations/DataTable'
import { Heading } from '../operations/Heading'
import { bytes, count, counted, percent, short } from '../operations/text'
import { evictKeysDetails } from './details'
import { sayCriteria } from './spec'

/** What only a plan of evict-keys has: the criteria in words, how sure the count is, what goes from each shard. */
export function EvictKeysReview({ plan }: { readonly plan: Plan }) {
  const { exact, keys, bytes: size, share, types, shards } = evictKeysDetails(plan)
  return (
    <Stack direction="column" gap={2}>
      <div>
        <div>
          Keys that {sayCriteria(plan.spec as Partial<EvictKeysSpec>)}: {percent(share)} of all keys go.
        </div>
        <div>
          {exact
            ? 'Every key was looked at.'
            : `Counted from a sample: in 95 of 100 cases ${between(keys, count)} keys match, ${between(size, bytes)}.`}{' '}
          Each key is looked at again at the moment it is unlinked.
        </div>
        {types.length > 0 && (
          <div>Types: {types.map(([type, of]) => counted(of, type, type)).join(', ')}</div>
        )}
      </div>
      {shards.length > 0 && (
        <section aria-label="What goes from each shard">
          <Heading>From where?</Heading>
          <DataTable
            label="Keys that go from each shard"
            rows={shards}
            rowKey={({ node }) => node}
            columns={[
              { header: 'Primary', cell: ({ node }) => node },
              { header: 'Keys that go', cell: (row) => estimate(row.keys, count), numeric: true },
              { header: 'Memory', cell: (row) => estimate(row.bytes, bytes), numeric: true },
              { header: 'All its keys', cell: ({ total }) => count(total), numeric: true },
              { header: 'Looked at', cell: ({ looked }) => count(looked), numeric: true },
              { header: 'Shard', cell: ({ shard }) => short(shard) },
            ]}
          />
        </section>
      )}
    </Stack>
  )
}

const between = ({ low, high }: Estimated, say: (value: number) => string) => `${say(low)} to ${say(high)}`

const estimate = (of: Estimated, say: (value: number) => string) =>
  of.low === of.high ? say(of.value) : `about ${say(of.value)} (${between(of, say)})`
