import { useSyncExternalStore } from 'react'

const EVERY_MS = 1000
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let now = Date.now()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const tick of listeners) tick()
  }, EVERY_MS)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** The time now, in ms, anew every second; one clock for all that is shown. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => {
    // Read twice at once, it must be the same.
    if (timer === undefined && Date.now() - now >= EVERY_MS) now = Date.now()
    return now
  })
}
