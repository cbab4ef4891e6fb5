import { Icon } from '@grafana/ui'

interface Props {
  /** So many times what its peers have. */
  readonly times: number
  /** How far it is from them, in words. */
  readonly what: string
}

/** Marks a figure that is unlike those of its peers. */
export function OddMark({ times, what }: Props) {
  return (
    <span role="img" aria-label={what} title={what} style={{ marginRight: 4 }}>
      <Icon name={times > 1 ? 'arrow-up' : 'arrow-down'} size="sm" aria-hidden />
    </span>
  )
}
