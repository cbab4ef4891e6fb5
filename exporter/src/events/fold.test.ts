import { expect, it } from 'vitest'
import { failover, write } from '../../test/event-log/under-test.js'
import { MemoryLog } from '../../test/memory-log.js'
import { readFold, saveFold, type Fold } from './fold.js'
import type { ReadOptions } from './log.js'

const counted: Fold<number> = {
  name: 'counted',
  format: 1,
  stream: 'cluster/',
  initial: 0,
  apply: (count) => count + 1,
}

/** A log of which somebody else keeps the fold and trims what it covers, right after a snapshot was loaded. */
class Trimmed extends MemoryLog {
  between: (() => Promise<void>) | undefined

  override async readFacts(options: ReadOptions = {}) {
    const { between } = this
    this.between = undefined
    await between?.()
    return super.readFacts(options)
  }
}

it('a fold loses nothing to a trim while it is read', async () => {
  const log = new Trimmed()
  await write(log, 'cluster/a', 3)
  await saveFold(log, counted)
  await write(log, 'cluster/b', 4)
  log.between = async () => {
    await saveFold(log, counted)
    expect((await log.trim('9999-01-01T00:00:00Z')).events).toBe(7)
    await log.append([{ stream: 'cluster/a', events: [failover('on')] }])
  }
  expect(await readFold(log, counted)).toMatchObject({ state: 8 })
})
