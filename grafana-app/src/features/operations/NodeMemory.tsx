import { fullness } from './fullness'
import { Meter } from './Meter'
import { bytes, percent } from './text'

interface Props {
  readonly instance: string
  /** Bytes. */
  readonly used: number
  /** 0..1 of its limit; undefined without one. */
  readonly full: number | undefined
}

/** A node's memory in a table. */
export function NodeMemory({ instance, used, full }: Props) {
  if (full === undefined) return <>{bytes(used)}, no limit</>
  return (
    <Meter
      label={`Memory of ${instance}`}
      share={full}
      tone={fullness(full)}
      text={`${bytes(used)} (${percent(full)})`}
    />
  )
}
