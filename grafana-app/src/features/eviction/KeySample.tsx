import { Alert, Stack, Text } from '@grafana/ui'
import { useSampleKeys } from '../../api/actions'
import type { Eviction, Histogram } from '../../api/contract'
import { useEviction } from '../../api/hooks'
import { usePermissions } from '../../api/permissions'
import { Figures } from '../../components/Figure'
import { Loaded } from '../../components/states/Loaded'
import { ActionButton } from '../operations/ActionButton'
import { Heading } from '../operations/Heading'
import { Meter } from '../operations/Meter'
import { bytes, count, counted, duration, percent } from '../operations/text'

/** Age, size and use of a random sample of the keys, and a button to look at one. */
export function KeySample({ cluster }: { readonly cluster: string }) {
  const query = useEviction(cluster)
  const take = useSampleKeys(cluster)
  const { plan } = usePermissions({ cluster })
  return (
    <Loaded query={query} what="every node" quiet brief>
      {({ sample }) => (
        <Stack direction="column" gap={2}>
          <div>
            <ActionButton
              forbidden={plan.reason}
              pending={take.isPending || sample.state === 'running'}
              onClick={() => take.mutate()}
            >
              {sample.summary ? 'Look again' : 'Look at a sample'}
            </ActionButton>
          </div>
          {take.error && <Alert severity="error" title={`No sample: ${take.error.message}`} />}
          {sample.state === 'failed' && (
            <Alert severity="error" title="The sample could not be taken">
              {sample.error}
            </Alert>
          )}
          {sample.progress && (
            <Meter
              progress
              label="Keys looked at"
              share={sample.progress.total === 0 ? 0 : sample.progress.done / sample.progress.total}
              text={`${count(sample.progress.done)} of ${count(sample.progress.total)} keys`}
            />
          )}
          <Summary sample={sample} />
        </Stack>
      )}
    </Loaded>
  )
}

function Summary({ sample: { summary, ageSeconds = 0 } }: { readonly sample: Eviction['sample'] }) {
  if (!summary)
    return (
      <Text color="secondary">
        9,604 random keys tell shares within a point. They are read gently, sizes and TTLs from replicas;
        nothing is changed.
      </Text>
    )
  return (
    <Stack direction="column" gap={2}>
      <Figures
        items={[
          {
            label: 'Looked at',
            children: counted(summary.keys, 'key'),
            hint: `of ${count(summary.of)}, ${duration(ageSeconds)} ago`,
          },
          {
            label: 'With a TTL',
            children: percent(summary.withTtl),
            hint: `± ${summary.marginPercent} points`,
          },
          { label: 'Mean size', children: bytes(summary.meanBytes) },
        ]}
      />
      {summary.note !== undefined && <Text color="secondary">{summary.note}</Text>}
      <Stack wrap="wrap" gap={4}>
        <Bars title="Time to live" of="keys with a TTL" histogram={summary.ttlSeconds} say={duration} />
        <Bars title="Idle" of="keys" histogram={summary.idleSeconds} say={duration} />
        <Bars title="Frequency (LFU counter)" of="keys" histogram={summary.frequency} say={count} />
        <Bars title="Size" of="keys" histogram={summary.bytes} say={bytes} />
      </Stack>
    </Stack>
  )
}

interface BarsProps {
  readonly title: string
  /** What the shares are of. */
  readonly of: string
  readonly histogram: Histogram | undefined
  readonly say: (value: number) => string
}

function Bars({ title, of, histogram, say }: BarsProps) {
  const all = (histogram ?? []).reduce((sum, { keys }) => sum + keys, 0)
  if (!histogram || all === 0) return null
  return (
    <section aria-label={title} style={{ minWidth: 'min(340px, 100%)' }}>
      <Heading>{title}</Heading>
      <Text color="secondary">Shares of {of}</Text>
      {histogram.map(({ from, to, keys }) => {
        const range =
          to === null
            ? `${say(from)} or more`
            : from === 0
              ? `below ${say(to)}`
              : `${say(from)} to ${say(to)}`
        return (
          <div
            key={from}
            style={{ display: 'grid', gridTemplateColumns: '9em 1fr', alignItems: 'center', gap: 8 }}
          >
            <span>{range}</span>
            <Meter beside label={`${title}: ${range}`} share={keys / all} text={percent(keys / all)} />
          </div>
        )
      })}
    </section>
  )
}
