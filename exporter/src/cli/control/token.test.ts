import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TokenStore } from '../../http/control/tokens.js'
import { runCommand } from '../../../test/cli.js'
import { startTestControl, type TestControl } from '../../../test/control.js'

let control: TestControl
const directory = mkdtempSync(join(tmpdir(), 'slotwise-token-'))
beforeAll(async () => {
  control = await startTestControl(undefined)
})
afterAll(async () => {
  await control.stop()
  rmSync(directory, { recursive: true })
})
const run = (args: readonly string[]) => runCommand(control, args)

describe('slotwise token new', () => {
  const file = join(directory, 'tokens.yml')
  const add = (id: string, ...more: string[]) =>
    run(['token', 'new', '--file', file, '--id', id, '--scopes', 'read,plan', ...more])

  it('prints the token once and keeps its hash, 0600, and what was there', async () => {
    const first = await add('one')
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^sw_[A-Za-z0-9_-]{43}$/) as string })
    writeFileSync(file, `# ours\n${readFileSync(file, 'utf8')}`)
    const second = await add(
      'two',
      '--clusters',
      'a,b',
      '--key-prefixes',
      'p:',
      '--expires',
      '90d',
      '--delegated',
    )
    const text = readFileSync(file, 'utf8')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(text).toMatch(/^# ours\ntokens:\n/)
    expect(text).not.toContain(first.out)
    expect(first.err + second.err).not.toContain('sw_')
    const store = new TokenStore(file, { clock: Date.now, onWarning: () => undefined })
    expect(store.authenticate(first.out).principal).toMatchObject({ id: 'one' })
    expect(store.authenticate(second.out).principal).toMatchObject({
      id: 'two',
      scopes: new Set(['read', 'plan']),
      clusters: new Set(['a', 'b']),
      keyPrefixes: ['p:'],
      delegated: true,
    })
    expect(JSON.parse((await add('three', '--json')).out)).toMatchObject({ id: 'three' })
  })

  it('refuses an id that is there, a broken file, a folder that is not, and another at work', async () => {
    const before = readFileSync(file, 'utf8')
    expect(await add('one')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/there is a token with the id one/) as string,
    })
    expect(readFileSync(file, 'utf8')).toBe(before)
    writeFileSync(`${file}.new`, '')
    expect((await add('four')).err).toMatch(/another slotwise token new is at work/)
    expect(statSync(`${file}.new`).size).toBe(0)
    rmSync(`${file}.new`)
    writeFileSync(file, 'tokens: {')
    expect((await add('four')).code).toBe(1)
    expect(readFileSync(file, 'utf8')).toBe('tokens: {')
    writeFileSync(file, before)
    expect(
      (await run(['token', 'new', '--file', '/nonexistent/t', '--id', 'x', '--scopes', 'read'])).err,
    ).toMatch(/no such folder/)
  })

  it.each([
    [['--scopes', 'root'], /--scopes: /],
    [['--scopes', 'read', '--id', 'a b'], /--id: letters/],
    [['--scopes', 'read', '--expires', 'soon'], /--expires: 'soon' is no duration/],
    [['--scopes', 'policy', '--key-prefixes', 'p:'], /--scopes: a token with keyPrefixes cannot hold policy/],
  ])('exits 2 on %j', async (args, problem) => {
    const { code, out, err } = await run(['token', 'new', '--file', file, '--id', 'x', ...args])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(problem)
    expect(err).not.toContain('\n')
  })
})
