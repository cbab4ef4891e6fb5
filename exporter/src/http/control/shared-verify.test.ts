import { expect, it } from 'vitest'
import { failover, write } from '../../../test/event-log/under-test.js'
import { MemoryLog } from '../../../test/memory-log.js'
import { SharedVerify } from './shared-verify.js'

/** A log that tells which anchors each pass looks for; none ends before `go`. */
class HeldLog extends MemoryLog {
  readonly passes: (readonly (string | undefined)[])[] = []
  go: () => void = () => undefined
  readonly #held = new Promise<void>((resolve) => (this.go = resolve))

  override async verifyAll(anchors: readonly (string | undefined)[]) {
    this.passes.push(anchors)
    await this.#held
    return super.verifyAll(anchors)
  }
}

const turn = () => new Promise(setImmediate)

it('reads the log once for all who ask at once, and once more for all who ask meanwhile', async () => {
  const log = new HeldLog()
  const verifying = new SharedVerify(log)
  await write(log, 'cluster/a', 3)
  await log.digest()
  const anchor = (await log.stats()).lastDigest
  const first = [verifying.verify(), verifying.verify(), verifying.verify('x')]
  await turn()
  await log.append([{ stream: 'cluster/a', events: [failover(4)] }])
  const meanwhile = [verifying.verify(anchor), verifying.verify('y'), verifying.verify(anchor)]
  const shared = [verifying.verify(), verifying.verify('x')]
  await turn()
  log.go()
  const oks = async (of: typeof first) => (await Promise.all(of)).map(({ ok }) => ok)
  expect(await oks(first)).toEqual([true, true, false])
  expect(await oks(shared)).toEqual([true, false])
  expect(await oks(meanwhile)).toEqual([true, false, true])
  expect(log.passes).toEqual([
    [undefined, 'x'],
    [anchor, 'y'],
  ])
  expect(await verifying.verify('y')).toMatchObject({
    events: 5,
    problems: [expect.stringContaining('no digest has the hash y')],
  })
})

it('tells all who share a pass that it failed, and makes another', async () => {
  const log = new HeldLog()
  log.go()
  const verifying = new SharedVerify(log)
  const verifyAll = log.verifyAll.bind(log)
  log.verifyAll = () => Promise.reject(new Error('disk failed'))
  const failed = [verifying.verify(), verifying.verify('x')]
  for (const one of failed) await expect(one).rejects.toThrow('disk failed')
  log.verifyAll = verifyAll
  expect(await verifying.verify()).toMatchObject({ ok: true })
})

it('looks for so many anchors at a time, and not more', async () => {
  const log = new HeldLog()
  const verifying = new SharedVerify(log)
  const asked = Array.from({ length: 100 }, (_, i) => verifying.verify(String(i)))
  await expect(verifying.verify('one too many')).rejects.toThrow('100 verifications wait')
  log.go()
  await Promise.all(asked)
  expect(log.passes).toHaveLength(1)
})
