import type { NewEvent } from '../contract/events.js'
import type { OperationRecord } from './record.js'

/** Why a run waits although nobody paused it. */
interface Reasons {
  /** What its kind says. */
  readonly own: readonly string[]
  /** The operations that it lets pass. */
  readonly yielding: readonly string[]
}

/** A wait whose figures change while it lasts is recorded anew so often at most. */
const SAME_WAIT_MS = 10_000

/** Records why a run waits, where that is not what the log says already. */
export class Waits {
  #reasons: Reasons = { own: [], yielding: [] }
  /** performance.now() */
  #recordedAt = -Infinity

  /** @param recorded what the log says now */
  constructor(
    private readonly recorded: () => readonly string[],
    private readonly append: (
      events: (record: OperationRecord | undefined) => readonly NewEvent[],
    ) => Promise<void>,
  ) {}

  /** What is not given stays. */
  async say(change: Partial<Reasons>): Promise<void> {
    this.#reasons = { ...this.#reasons, ...change }
    const all = [...this.#reasons.yielding, ...this.#reasons.own]
    const recent = performance.now() - this.#recordedAt < SAME_WAIT_MS
    const isRecorded = (said: readonly string[]) =>
      isSame(all, said) || (recent && isSame(all.map(withoutFigures), said.map(withoutFigures)))
    if (isRecorded(this.recorded())) return
    this.#recordedAt = performance.now()
    await this.append((record) => {
      if (isRecorded(record?.run?.gates ?? [])) return []
      return all.length > 0
        ? [{ type: 'operation.paused', data: { reason: all.join('; '), gates: all } }]
        : [{ type: 'operation.resumed', data: { reason: 'nothing holds it up any more' } }]
    })
  }

  async noLongerYielding(): Promise<void> {
    if (this.#reasons.yielding.length > 0) await this.say({ yielding: [] })
  }
}

function withoutFigures(text: string): string {
  return text.replace(/\d+/g, '')
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i])
}
