import { Alert } from '@grafana/ui'
import { useFreeze } from '../../api/hooks'
import { CopyText } from '../../components/CopyText'
import { Time } from '../../components/Time'

/** Says that operations are frozen, while they are. */
export function FreezeNote() {
  const { data } = useFreeze()
  if (!data?.on) return null
  const { reason, by, since } = data
  return (
    <Alert severity="warning" role="status" title="Operations are frozen">
      {reason !== '' && <>{reason}. </>}
      {by && <>By {by.claimedUser ?? `the token ${by.token}`}. </>}
      {since !== undefined && (
        <>
          Since <Time at={since} />.{' '}
        </>
      )}
      Nothing runs and nothing can be begun until an administrator lifts it:
      <CopyText label="Command that lifts the freeze" text="slotwise unfreeze --reason '…'" />
    </Alert>
  )
}
