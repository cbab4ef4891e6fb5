import { Alert, Badge, Stack } from '@grafana/ui'
import { isOver, type Operation } from '../../api/contract'
import { Figures, type FigureProps } from '../../components/Figure'
import { Lines } from './Lines'
import { Meter, type Tone } from './Meter'
import { COUNTS, STATES } from './states'
import { sayKeys } from './rate'
import type { Speed } from './speed'
import { bytes, count, duration, percent } from './text'

interface Props {
  readonly operation: Operation
  /** What progress counts. */
  readonly unit: string
  readonly speed: Speed | undefined
  /** What is shown is old: how fast it goes and when it ends is not known now. */
  readonly stale: boolean
}

const TONES: Partial<Record<Operation['state'], Tone>> = {
  succeeded: 'good',
  paused: 'warning',
  cancelled: 'warning',
  undone: 'warning',
  failed: 'bad',
  'needs-attention': 'bad',
}

/** How far it is, how fast it goes, when it ends, what holds it up, and what became of what it looked at. */
export function Progress({ operation, unit, speed, stale }: Props) {
  const { state, progress, gates, counts } = operation
  const ended = isOver(state)
  // A total is an estimate: when all is done there was no more than what was done.
  const whole = state === 'succeeded'
  // Until the totals are known the API counts nodes, of whatever kind.
  const counting = unit !== 'keys' || operation.nodes.some(({ total }) => total !== undefined)
  const share = whole ? 1 : counting && progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0
  const looked = counts?.evicted === undefined ? unit : `${unit} looked at`
  const said = whole
    ? `all ${count(progress.done)} ${looked}`
    : !counting
      ? ended
        ? `no ${unit}`
        : 'Starting…'
      : `${count(progress.done)} of ${count(progress.total)} ${looked} (${percent(share)})`
  return (
    <Stack direction="column" gap={2}>
      {!ended && (
        <Stack alignItems="center" wrap="wrap">
          <Badge text={STATES[state].text} color={STATES[state].color} />
          {state === 'verifying' && <span>Everything is done and is being read back.</span>}
        </Stack>
      )}
      {gates.length > 0 && !ended && (
        <Alert severity="warning" title={gates.length === 1 ? `It waits: ${gates[0]!}` : 'It waits'}>
          {gates.length > 1 && <Lines lines={gates} />}
        </Alert>
      )}
      <Meter
        progress
        label={`Progress in ${unit}`}
        share={share}
        text={said}
        tone={TONES[state] ?? 'neutral'}
      />
      <Figures items={[...(stale ? [] : pace(operation, speed)), ...became(withOthers(operation))]} />
      <Announcement state={state} share={share} gates={gates} />
    </Stack>
  )
}

function pace(operation: Operation, speed: Speed | undefined): readonly FigureProps[] {
  const { counts, etaSeconds, state, startedAt, endedAt } = operation
  const ended = isOver(state)
  const figures: FigureProps[] = []
  if (counts && speed)
    figures.push({
      label: ended ? 'Average' : 'Now',
      children: sayKeys(speed),
      hint: `${bytes(speed.bytesPerSecond)}/s`,
    })
  // Its place, so that nothing moves when it is known.
  else if (counts && state === 'running')
    figures.push({ label: 'Now', children: '…', hint: 'being measured' })
  if (!ended && etaSeconds !== undefined)
    figures.push({ label: 'Time left', children: `about ${duration(etaSeconds)}` })
  if (endedAt !== undefined)
    figures.push({ label: 'Took', children: took((Date.parse(endedAt) - Date.parse(startedAt)) / 1000) })
  return figures
}

const MAIN = ['written', 'evicted']

const took = (seconds: number) => (seconds < 1 ? 'less than 1 s' : duration(seconds))

/**
 * With the keys that were looked at and of which nothing else is told: the pattern leaves them out. How many these are
 * is not known where it is not known of some whether they are gone.
 */
function withOthers({ counts, progress }: Operation): Operation['counts'] {
  const { evicted, unknown = 0, kept = 0 } = counts ?? {}
  return evicted === undefined || unknown > 0 ? counts : { ...counts, others: progress.done - evicted - kept }
}

/** What there is none of says nothing, but for what the run is about. */
function became(counts: Operation['counts']): readonly FigureProps[] {
  if (!counts) return []
  const known = Object.keys(COUNTS)
  const names = [...known, ...Object.keys(counts).filter((name) => !known.includes(name))]
  return names
    .filter((name) => (name in counts && MAIN.includes(name)) || (counts[name] ?? 0) > 0)
    .map((name) => ({
      label: COUNTS[name] ?? name,
      children: (name === 'bytes' ? bytes : count)(counts[name] ?? 0),
    }))
}

/** Said aloud when the state changes and at each tenth: every second would be noise. */
function Announcement({
  state,
  share,
  gates,
}: {
  state: Operation['state']
  share: number
  gates: readonly string[]
}) {
  const tenth = Math.floor(share * 10) * 10
  return (
    <p role="status" className="sr-only">
      {STATES[state].text}
      {!isOver(state) && `, ${tenth} %`}
      {gates.length > 0 && `. It waits: ${gates.join('; ')}`}
    </p>
  )
}
