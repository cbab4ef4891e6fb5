import { Badge, Stack } from '@grafana/ui'
import type { Plan, ShardFit, WarmupSpec } from '../../api/contract'
import { DataTable } from '../operations/DataTable'
import { Heading } from '../operations/Heading'
import { Meter } from '../operations/Meter'
import { bytes, count, counted, percent, short } from '../operations/text'
import { warmupDetails } from './details'

const TRANSFERS: Readonly<Record<string, string>> = {
  restore: 'Values go as they are (DUMP and RESTORE)',
  typed: 'Values are written type by type',
}

/** What only a warmup's plan has: where from, how, and whether each shard has room. */
export function WarmupReview({ plan }: { readonly plan: Plan }) {
  const { source, transfer, why, types, shards, file } = warmupDetails(plan)
  const existing = plan.counts?.existing
  const { conflict } = plan.spec as Partial<WarmupSpec>
  return (
    <Stack direction="column" gap={2}>
      <div>
        <div>
          From {source}
          {file && `, SHA-256 ${short(file.sha256)}`}
        </div>
        <div>
          {TRANSFERS[transfer] ?? transfer}
          {why !== '' && `: ${why}`}
        </div>
        {existing !== undefined && existing > 0 && (
          <div>
            About <strong>{counted(existing, 'of these keys is', 'of these keys are')}</strong> in{' '}
            {plan.cluster} already{' '}
            {conflict === 'replace'
              ? 'and will be overwritten.'
              : `and ${existing === 1 ? 'stays' : 'stay'} as ${existing === 1 ? 'it is' : 'they are'}.`}
          </div>
        )}
        {types.length > 0 && (
          <div>Types: {types.map(([type, keys]) => counted(keys, type, type)).join(', ')}</div>
        )}
      </div>
      {shards.length > 0 && (
        <section aria-label="Room in each shard">
          <Heading>Does it fit?</Heading>
          <DataTable
            label="Room in each shard of the target"
            rows={shards}
            rowKey={({ node }) => node}
            columns={[
              { header: 'Primary', cell: ({ node }) => node },
              {
                header: 'Fits',
                cell: ({ fits }) =>
                  fits ? <Badge text="fits" color="green" /> : <Badge text="waits for room" color="orange" />,
              },
              { header: 'Memory now and then', cell: (row) => <Room {...row} /> },
              { header: 'New keys', cell: ({ keys }) => `about ${count(keys)}`, numeric: true },
              { header: 'New data', cell: (row) => `about ${bytes(row.bytes)}`, numeric: true },
              { header: 'Shard', cell: ({ shard }) => short(shard) },
            ]}
          />
        </section>
      )}
    </Stack>
  )
}

function Room({ node, usedBytes, maxBytes, bytes: added, fits }: ShardFit) {
  if (maxBytes === 0) return <>{bytes(usedBytes)}, no limit</>
  const after = (usedBytes + added) / maxBytes
  return (
    <Meter
      label={`Memory of ${node} afterwards`}
      share={after}
      tone={fits ? 'good' : 'warning'}
      text={`${percent(usedBytes / maxBytes)} now, about ${percent(after)} of ${bytes(maxBytes)} then`}
    />
  )
}
