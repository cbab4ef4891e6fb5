import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import { claimedLogin } from './access.js'
import { makeToken, parseTokens, TokensFileError, TokenStore } from './tokens.js'

const files = vi.hoisted(() => ({ tooManyOpen: false }))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const readFileSync: typeof fs.readFileSync = (...args: Parameters<typeof fs.readFileSync>) => {
    if (files.tooManyOpen) throw new Error('EMFILE: too many open files')
    return fs.readFileSync(...args) as never
  }
  return { ...fs, readFileSync }
})

const directory = mkdtempSync(join(tmpdir(), 'slotwise-tokens-'))
const file = join(directory, 'tokens.yml')
afterAll(() => rmSync(directory, { recursive: true }))

const { token, hash } = makeToken()
const entry = { id: 'me', hash, scopes: ['read'] }
const write = (...tokens: object[]) => writeFileSync(file, stringify({ tokens }))

let now = 1000
const warnings: string[] = []
const store = () => new TokenStore(file, { clock: () => now, onWarning: (message) => warnings.push(message) })

beforeEach(() => {
  warnings.length = 0
  now = 1000
  write(entry)
})

describe('makeToken', () => {
  it('makes 256 random bits behind the prefix', () => {
    expect(token).toMatch(/^sw_[A-Za-z0-9_-]{43}$/)
    expect(makeToken().token).not.toBe(token)
  })
})

describe('TokenStore', () => {
  it('knows a token by its hash, and nothing else', () => {
    const tokens = store()
    expect(tokens.authenticate(token).principal).toMatchObject({ id: 'me', delegated: false })
    for (const wrong of ['', hash, token.slice(0, -1), `${token}x`, 'x'.repeat(100_000)])
      expect(tokens.authenticate(wrong)).toEqual({})
  })

  it('says of an expired token whose it was', () => {
    write({ ...entry, expires: new Date(2000).toISOString() })
    const tokens = store()
    const { principal } = tokens.authenticate(token)
    expect(tokens.holds(principal!)).toBe(true)
    now = 2000
    expect(tokens.authenticate(token)).toEqual({ expired: 'me' })
    expect(tokens.holds(principal!)).toBe(false)
  })

  it('reads the file again when it changes', () => {
    const tokens = store()
    const { principal } = tokens.authenticate(token)
    write({ ...entry, scopes: ['read', 'run'] })
    expect(tokens.authenticate(token).principal?.scopes).toEqual(new Set(['read', 'run']))
    expect(tokens.holds(principal!)).toBe(false)
    writeFileSync(`${file}.new`, 'tokens: []')
    renameSync(`${file}.new`, file)
    expect(tokens.authenticate(token)).toEqual({})
  })

  it('keeps what it had when the file breaks or goes, and says so once', () => {
    const tokens = store()
    writeFileSync(file, `tokens: [{ id: me, hash: ${token} }]`)
    for (let i = 0; i < 3; i++) expect(tokens.authenticate(token).principal?.id).toBe('me')
    expect(warnings).toEqual([
      `tokens file: ${file}: tokens.0.hash: the SHA-256 of the token, 64 hex digits; the tokens read before stay valid`,
    ])
    rmSync(file)
    for (let i = 0; i < 3; i++) expect(tokens.authenticate(token).principal?.id).toBe('me')
    expect(warnings).toHaveLength(2)
    write()
    expect(tokens.authenticate(token)).toEqual({})
    expect(warnings.join()).not.toContain(token)
  })

  it('reads a changed file as soon as it can, where it could not at first', () => {
    const tokens = store()
    write()
    files.tooManyOpen = true
    for (let i = 0; i < 3; i++) expect(tokens.authenticate(token).principal?.id).toBe('me')
    expect(warnings).toEqual([expect.stringContaining('EMFILE')])
    files.tooManyOpen = false
    expect(tokens.authenticate(token)).toEqual({})
  })

  it('does not start without a file', () => {
    rmSync(file)
    expect(store).toThrow(/tokens\.yml: no such file; make it with slotwise token new/)
  })
})

describe('parseTokens', () => {
  it.each<[what: string, text: string, problem: RegExp]>([
    ['no YAML', 'tokens: [', /tokens\.yml: /],
    ['another member', 'tokens: []\nother: 1', /other/],
    [
      'a token in place of its hash',
      stringify({ tokens: [{ ...entry, hash: token }] }),
      /tokens\.0\.hash: the SHA-256/,
    ],
    ['an unknown scope', stringify({ tokens: [{ ...entry, scopes: ['root'] }] }), /tokens\.0\.scopes\.0: /],
    ['an id twice', stringify({ tokens: [entry, entry] }), /an id is there twice/],
    ['a bad date', stringify({ tokens: [{ ...entry, expires: 'soon' }] }), /expires/],
    ['no clusters', stringify({ tokens: [{ ...entry, clusters: [] }] }), /clusters/],
    ...(['policy', 'topology'] as const).map((scope): [string, string, RegExp] => [
      `key prefixes with ${scope}`,
      stringify({ tokens: [{ ...entry, scopes: [scope], keyPrefixes: ['a:'] }] }),
      /tokens\.0\.scopes: a token with keyPrefixes cannot hold policy or topology/,
    ]),
  ])('refuses %s and quotes no token', (_, text, problem) => {
    expect(() => parseTokens('tokens.yml', text)).toThrow(TokensFileError)
    expect(() => parseTokens('tokens.yml', text)).toThrow(problem)
    try {
      parseTokens('tokens.yml', text)
    } catch (error) {
      expect((error as Error).message).not.toContain(token)
    }
  })

  it('takes an empty file', () => {
    expect(parseTokens('tokens.yml', '')).toEqual([])
  })
})

describe('claimedLogin', () => {
  it.each([
    ['{"login":"admin"}', 'admin'],
    ['{"UserID":1,"OrgRole":"Admin","Login":"admin"}', 'admin'],
    ['{"login":" a\\u0000\\u001b[31m\\u2028b "}', 'a[31mb'],
    [`{"login":"${'x'.repeat(500)}"}`, 'x'.repeat(128)],
    [`{"login":"${token}"}`, 'sw_(redacted)'],
    ['{"login":{"a":1}}', undefined],
    ['{"login":""}', undefined],
    ['null', undefined],
    ['[]', undefined],
    ['{', undefined],
    [`{"login":"a","x":"${'x'.repeat(9000)}"}`, undefined],
  ])('reads %s', (header, login) => {
    expect(claimedLogin(header)).toBe(login)
  })
})
