import { Drawer } from '@grafana/ui'
import type { StoredEvent } from '../../api/contract'
import { CopyText } from '../../components/CopyText'
import { nameOf, say } from './sentences'

interface Props {
  readonly event: StoredEvent
  readonly onClose: () => void
}

/** One event as it stands in the log, with its place in the hash chain. */
export function EventDrawer({ event, onClose }: Props) {
  return (
    <Drawer title={nameOf(event)} subtitle={say(event).text} onClose={onClose} size="md">
      <CopyText label="The event in JSON" text={JSON.stringify(event, null, 2)} />
    </Drawer>
  )
}
