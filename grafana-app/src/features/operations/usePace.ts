import { useState } from 'react'
import { isOver, type Operation } from '../../api/contract'
import { addSample, over, speedOf, type Sample, type Speed } from './speed'

/**
 * How fast it really goes: over the last seconds while it runs, over the whole run once it is over; undefined while
 * that can't be told.
 * @param readAtMs when `operation` was read
 */
export function usePace(operation: Operation, readAtMs: number): Speed | undefined {
  const [samples, setSamples] = useState<readonly Sample[]>([])
  const { bytes = 0, evicted } = operation.counts ?? {}
  // Its rate limits what is unlinked; progress is what was looked at.
  const done = evicted ?? operation.progress.done
  const looked = evicted === undefined ? undefined : operation.progress.done
  if (readAtMs > (samples.at(-1)?.atMs ?? 0))
    setSamples(addSample(samples, { atMs: readAtMs, done, looked, bytes }))
  if (!isOver(operation.state) || operation.endedAt === undefined) return speedOf(samples)
  const ms = Date.parse(operation.endedAt) - Date.parse(operation.startedAt)
  return ms > 0 ? over(done, bytes, ms, looked) : undefined
}
