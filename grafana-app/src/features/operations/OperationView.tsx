import { Stack } from '@grafana/ui'
import { isOver, type Freeze, type Operation } from '../../api/contract'
import { useFreeze } from '../../api/hooks'
import { judge, useWhoami } from '../../api/permissions'
import { Commands } from './Commands'
import { Ending } from './Ending'
import type { OperationKind } from './kind'
import { LastKnown, useOverdue } from './LastKnown'
import { NodesTable } from './NodesTable'
import { Progress } from './Progress'
import { RateControl } from './RateControl'
import { usePace } from './usePace'
import { Verification } from './Verification'

interface Props {
  readonly operation: Operation
  /** When it was read, and why not again since. */
  readonly readAtMs: number
  readonly error: Error | null
  readonly kind: OperationKind
}

/**
 * Who froze operations, why and what ends it stands once, above all. A freeze that was lifted holds up nothing any
 * more, but what it paused stays so until somebody resumes it.
 */
function gatesNow(operation: Operation, freeze: Freeze | undefined): Operation {
  const say = (gate: string) => {
    if (freeze?.on === true) return /^frozen\b/.test(gate) ? 'operations are frozen' : gate
    const over = operation.state === 'paused' && freeze?.on === false && gate === 'frozen'
    return over ? 'paused by a freeze that is over; resume it' : gate
  }
  return { ...operation, gates: operation.gates.map(say) }
}

/** One operation while it runs and when it is over: how far, how fast, what holds it up, commands, proof. */
export function OperationView({ operation, readAtMs, error, kind }: Props) {
  const speed = usePace(operation, readAtMs)
  // A freeze forbids to go on; what is frozen may still be cancelled.
  const wanted = { use: 'run', kind: kind.name, cluster: operation.cluster } as const
  const whoami = useWhoami('run')
  const { data: freeze } = useFreeze()
  const { reason } = judge(wanted, whoami)
  const resuming = judge(wanted, whoami, freeze).reason
  const over = isOver(operation.state)
  const overdue = useOverdue(readAtMs)
  const stale = !over && (error !== null || overdue)
  const forbidden = error && !over ? 'No commands are taken until its state can be read again.' : reason
  return (
    <Stack direction="column" gap={2}>
      <LastKnown error={error} what="the operation" readAtMs={readAtMs} live={!over} />
      <Ending operation={operation} kind={kind} />
      <Progress operation={gatesNow(operation, freeze)} unit={kind.unit} speed={speed} stale={stale} />
      <Commands
        operation={operation}
        noun={kind.noun}
        cancelling={kind.cancelling}
        forbidden={forbidden}
        frozen={forbidden === '' ? resuming : ''}
      />
      {kind.paced && !over && (
        <RateControl operation={operation} speed={stale ? undefined : speed} forbidden={forbidden} />
      )}
      <Verification operation={operation} words={kind.compared} />
      <NodesTable nodes={operation.nodes} over={over} />
    </Stack>
  )
}
