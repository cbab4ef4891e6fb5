import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../../test/cli.js'
import { startTestControl, type TestControl } from '../../../test/control.js'
import { SCOPES } from '../../contract/tokens.js'
import type { Terminal } from './terminal.js'

const directory = mkdtempSync(join(tmpdir(), 'slotwise-backup-'))
const file = (name: string) => join(directory, name)
let control: TestControl

const append = (n: number, time = '2026-11-22T00:00:00Z') =>
  control.log.append([
    {
      stream: 'cluster/demo',
      events: [{ type: 'cluster.failover', time, data: { shard: 's', from: 'zwölf 🎉', to: String(n) } }],
    },
  ])
beforeAll(async () => {
  control = await startTestControl({
    me: { scopes: SCOPES },
    reader: { scopes: ['read'] },
    limited: { scopes: ['admin'], clusters: ['demo'] },
  })
  for (let n = 0; n < 5; n++) await append(n, '2026-01-01T00:00:00Z')
  for (let n = 5; n < 2500; n++) await append(n)
})
afterAll(async () => {
  await control.stop()
  rmSync(directory, { recursive: true })
})

const run = (args: readonly string[], more: Partial<Terminal> = {}) =>
  runCommand(control, ['events', ...args], more)
const anchorIn = (out: string) => /^anchor ([0-9a-f]{64})$/m.exec(out)![1]!

describe('slotwise events backup', () => {
  it('copies the log into a file of its own, checked, with a digest at its end', async () => {
    const { code, out } = await run(['backup', '--to', file('log')])
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/log: 2,501 events in 2 streams, in order\nanchor [0-9a-f]{64}$/) as string,
    })
    expect(statSync(file('log')).mode & 0o777).toBe(0o600)
    expect(anchorIn(out)).toBe((await control.log.stats()).lastDigest)
    const verified = await run(['verify', file('log'), '--anchor', anchorIn(out)])
    expect(verified).toMatchObject({ code: 0, out })
    expect(await run(['backup', '--to', file('log')])).toMatchObject({
      code: 1,
      err: `slotwise: backup ${file('log')}: there is a file already; give another name`,
    })
  })

  it("is the owner's alone to read, whatever stood in its way", async () => {
    writeFileSync(file('other'), 'of somebody else')
    symlinkSync(file('other'), file('mine.part'))
    expect((await run(['backup', '--to', file('mine')])).code).toBe(0)
    expect(readFileSync(file('other'), 'utf8')).toBe('of somebody else')
    expect(lstatSync(file('mine')).mode & 0o777).toBe(0o600)
    expect(lstatSync(file('mine')).isFile()).toBe(true)
  })

  it('compresses, shows how far it is, and tells it in JSON', async () => {
    const progress = new PassThrough()
    const { code, out } = await run(['backup', '--to', file('log.gz'), '--json'], {
      progress: progress as unknown as NodeJS.WriteStream,
    })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ ok: true, problems: [] })
    expect(gunzipSync(readFileSync(file('log.gz'))).toString()).toContain('zwölf 🎉')
    expect((await run(['verify', file('log.gz')])).code).toBe(0)
  })

  it('needs a token with the scope admin and for all clusters', async () => {
    for (const [id, said] of [
      ['reader', 'lacks the scope admin'],
      ['limited', 'is limited to demo'],
    ] as const) {
      const env = { SLOTWISE_API: control.url, SLOTWISE_TOKEN: control.tokens[id]! }
      const { code, err } = await run(['backup', '--to', file('none')], { env })
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(said) as string })
    }
    expect((await run(['backup'])).code).toBe(2)
    expect((await run(['restore', file('log')])).code).toBe(2)
    expect((await run(['restore', file('log'), '--to', 'a', '--events.url', 'file:b'])).code).toBe(2)
    expect(existsSync(file('none')) || existsSync(file('none.part'))).toBe(false)
  })

  it('says in a line when the file cannot be written', async () => {
    const { code, err } = await run(['backup', '--to', file('no/such/place')])
    expect(code).toBe(1)
    expect(err).toMatch(/^slotwise: backup \S+: ENOENT[^\n]+$/)
  })
})

describe('a backup', () => {
  const lines = () => readFileSync(file('log'), 'utf8').trimEnd().split('\n')
  /** Another position for the last but one of the events. */
  const moved = (all: string[], position: string) =>
    all.map((line) => line.replace('"position":"2500"', `"position":"${position}"`))
  const nested = (line: string) =>
    line.replace('"data":{', `"data":{"a":${'['.repeat(100)}${']'.repeat(100)},`)
  it.each<[string, (lines: string[]) => string[], string]>([
    [
      'was changed',
      (all) => all.map((line) => line.replace('"to":"7"', '"to":"8"')),
      'does not fit its hash',
    ],
    [
      'lacks an event',
      (all) => all.filter((line) => !line.includes('"to":"7"')),
      'it should have 2501 events',
    ],
    ['lacks its end', (all) => all.slice(0, -1), 'it breaks off after 2501 events'],
    ['is none', () => ['notes'], 'a line is no JSON document: notes'],
    ['is of a newer program', (all) => [all[0]!.replace('"format":1', '"format":2')], 'of a newer Slotwise'],
    ['is empty', () => [], 'it breaks off after 0 events'],
    ['has something else in it', (all) => [all[0]!, '{"id":1}'], 'its event 1 is none'],
    [
      'has an event without content',
      (all) => [all[0]!, all[1]!.replace(/"data":{.*?},/, '')],
      'its event 1 ',
    ],
    [
      'is nested without end',
      (all) => [all[0]!, nested(all[1]!)],
      'its event 1 is nested deeper than 64 levels',
    ],
    ['has a position that is another', (all) => moved(all, '9'), 'event 9 stands where event 2500 should'],
    ['has a position far away', (all) => moved(all, '99999999999'), 'events were moved, put in or taken out'],
    ['has a snapshot that is none', (all) => all.toSpliced(1, 0, '{"snapshot":null}'), 'a snapshot is none'],
    [
      'has a snapshot in the place of its events',
      (all) => all.toSpliced(1, 0, '{"snapshot":{"fold":"operations","format":1,"position":"9","state":{}}}'),
      'nothing was trimmed: it was put in',
    ],
  ])('that %s is found out, and not restored', async (_, change, said) => {
    writeFileSync(
      file('changed'),
      change(lines())
        .map((line) => `${line}\n`)
        .join(''),
    )
    const { code, err } = await run(['verify', file('changed')])
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(said) as string })
    expect((await run(['restore', file('changed'), '--to', file('new.db')])).code).toBe(1)
    expect(existsSync(file('new.db'))).toBe(false)
  })

  it('that was taken before an anchor is found out', async () => {
    await append(3000)
    await control.log.digest()
    const { lastDigest } = await control.log.stats()
    const { code, err } = await run(['verify', file('log'), '--anchor', lastDigest])
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(lastDigest) as string })
    const none = file('none-there')
    expect((await run(['verify', none])).err).toBe(`slotwise: backup ${none}: no such file`)
    expect((await run(['restore', none, '--to', file('new.db')])).err).toBe(
      `slotwise: event log ${file('new.db')}: backup ${none}: no such file`,
    )
    expect((await run(['verify', directory])).err).toMatch(/: it is a folder$/)
    expect(await run(['restore', file('log'), '--events.url', 'http://x'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--events.url: "http://x" is not file:PATH') as string,
    })
  })

  it('whose compressed file is cut off, or is not compressed, is told so, whether it is checked or restored', async () => {
    writeFileSync(file('cut.gz'), readFileSync(file('log.gz')).subarray(0, 1000))
    writeFileSync(file('plain.gz'), readFileSync(file('log')))
    for (const [name, said] of [
      ['cut.gz', /cut\.gz: it is cut off in the middle/],
      ['plain.gz', /plain\.gz: it ends in \.gz and is not compressed so/],
    ] as const) {
      expect((await run(['verify', file(name)])).err).toMatch(said)
      const restored = await run(['restore', file(name), '--to', file('new.db')])
      expect(restored).toMatchObject({ code: 1, err: expect.stringMatching(said) as string })
      expect(existsSync(file('new.db'))).toBe(false)
    }
  })
})
