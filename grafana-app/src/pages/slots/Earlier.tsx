import { css } from '@emotion/css'
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data'
import { Button, Icon, useStyles2 } from '@grafana/ui'
import { useId } from 'react'
import { Time } from '../../components/Time'
import { Lines } from '../../features/operations/Lines'
import { counted } from '../../features/operations/text'
import type { Moment } from './history'

interface Props {
  /** Oldest first. */
  readonly moments: readonly Moment[]
  /** Undefined: now. */
  readonly chosen: Moment | undefined
  /** Slots that have another owner now. */
  readonly moved: number
  readonly onChoose: (moment: Moment | undefined) => void
  readonly onClose: () => void
}

/** Goes back through the moments at which slots came to other owners. */
export function Earlier({ moments, chosen, moved, onChoose, onClose }: Props) {
  const styles = useStyles2(getStyles)
  const id = useId()
  const at = chosen ? moments.indexOf(chosen) : moments.length
  return (
    <section aria-label="Earlier owners" className={styles.box}>
      <div className={styles.row}>
        <label htmlFor={id}>Moment</label>
        <input
          id={id}
          type="range"
          className={styles.range}
          min={0}
          max={moments.length}
          value={at}
          aria-valuetext={chosen ? dateTimeFormat(chosen.time) : 'now'}
          onChange={({ currentTarget }) => onChoose(moments[Number(currentTarget.value)])}
        />
        <Button variant="secondary" size="sm" icon="times" onClick={onClose}>
          Back to now
        </Button>
      </div>
      {moments.length === 0 ? (
        <p>The event log does not reach back to another owner of any slot.</p>
      ) : chosen ? (
        <>
          <p role="status">
            <Icon name="history" size="sm" aria-hidden /> <strong>As it was</strong> from{' '}
            <Time at={chosen.time} /> on.{' '}
            {moved === 0
              ? 'Every slot is in the same shard now.'
              : `${counted(moved, 'slot')} ${moved === 1 ? 'is' : 'are'} in another shard now.`}
          </p>
          <Lines label="What had changed" lines={chosen.what} />
        </>
      ) : (
        <p role="status">
          As it is now. {counted(moments.length, 'moment')} back to <Time at={moments[0]!.time} />.
        </p>
      )}
    </section>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  box: css({ marginBottom: theme.spacing(2), p: { marginBottom: theme.spacing(0.5) } }),
  row: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  range: css({ flex: '1 1 200px', maxWidth: 480, accentColor: theme.colors.primary.main }),
})
