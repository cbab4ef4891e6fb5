import { dateTimeFormat } from '@grafana/data'
import { ago } from './age'
import { useNow } from './useNow'

interface Props {
  /** RFC 3339. */
  readonly at: string
  /** Only how long ago; the time itself in the tooltip. */
  readonly short?: boolean
}

/** A moment: when, in the time zone chosen in Grafana, and how long ago. */
export function Time({ at, short = false }: Props) {
  const now = useNow()
  const absolute = dateTimeFormat(at)
  const relative = ago(now - Date.parse(at))
  return (
    <time dateTime={at} title={short ? absolute : undefined}>
      {short ? relative : `${absolute} (${relative})`}
    </time>
  )
}
