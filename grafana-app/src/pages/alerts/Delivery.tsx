import { Icon, TextLink } from '@grafana/ui'
import { troubleOf } from '../../api/errors'
import { Loaded } from '../../components/states/Loaded'
import { Time } from '../../components/Time'
import { useEventLog } from '../../features/events/useEventLog'

const DOC = 'https://github.com/slotwise/slotwise/blob/main/docs/alerting.md#alerts-in-slotwise'

/** Whether Alertmanager's webhook arrives, as far as the event log tells: of any cluster. */
export function Delivery() {
  const query = useEventLog({ stream: 'alerts/', limit: 1 })
  return (
    // That nothing at all answers is said above, of what is not covered.
    <Loaded
      query={{ ...query, data: query.events }}
      what="the alerts in the event log"
      brief={troubleOf(query.error) === 'exporter-down'}
    >
      {([newest]) =>
        newest ? (
          <p>
            <Icon name="check-circle" size="sm" aria-hidden /> Yes: it last told of an alert{' '}
            <Time at={newest.time} />. Alerts stand in the event log, and here even while Prometheus is down.
          </p>
        ) : (
          <p>
            <Icon name="question-circle" size="sm" aria-hidden /> It has never told of one, as far back as the
            event log goes. Either none has fired, or its webhook does not come through:{' '}
            <TextLink href={DOC} external>
              how to set it up
            </TextLink>
            .
          </p>
        )
      }
    </Loaded>
  )
}
