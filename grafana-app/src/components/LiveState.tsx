import { Badge, type BadgeColor, type IconName } from '@grafana/ui'
import type { StreamState } from '../api/eventStream'

const STATES: Readonly<
  Record<StreamState, { text: string; color: BadgeColor; icon: IconName; tooltip: string }>
> = {
  live: { text: 'Live', color: 'green', icon: 'check', tooltip: 'Events appear as they happen.' },
  connecting: {
    text: 'Connecting',
    color: 'darkgrey',
    icon: 'sync',
    tooltip: 'Waiting for the stream of events.',
  },
  polling: {
    text: 'Polling',
    color: 'orange',
    icon: 'clock-nine',
    tooltip: 'The stream of events does not come through; they are asked for every few seconds instead.',
  },
  off: { text: 'Not live', color: 'darkgrey', icon: 'pause', tooltip: 'Nothing follows the events.' },
}

/** Whether what is shown follows the events as they happen. */
export function LiveState({ state }: { readonly state: StreamState }) {
  return (
    <span role="status" aria-label="Events">
      <Badge {...STATES[state]} />
    </span>
  )
}
