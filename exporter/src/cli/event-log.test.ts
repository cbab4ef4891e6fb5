import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../config/config.js'
import { eventLogOpener } from './event-log.js'

const opener = (flags: Record<string, string>, warnings: string[] = []) =>
  eventLogOpener(resolveConfig({ flags, env: {} }), (message) => warnings.push(message))

describe('the event log that the configuration names', () => {
  it('is a file unless a URL of Redis is given', () => {
    const { events } = resolveConfig({ flags: {}, env: {} })
    expect(events).toMatchObject({
      store: { type: 'file', path: './data/slotwise.db' },
      allowLoss: false,
      retentionMs: 90 * 86_400_000,
    })
    const env = { SLOTWISE_EVENTS_URL: 'rediss://log:6390/2', SLOTWISE_EVENTS_PASSWORD: 'geheim' }
    const file = {
      name: 'f',
      content: { events: { url: 'file:x.db', allowLoss: true, tlsCaCertFile: 'ca' } },
    }
    expect(resolveConfig({ flags: {}, env, file }).events).toMatchObject({
      store: { type: 'redis', url: 'rediss://log:6390/2' },
      password: 'geheim',
      allowLoss: true,
      tls: { ca: 'ca' },
    })
    expect(resolveConfig({ flags: { 'events.url': '' }, env, file }).events.store).toBeUndefined()
  })

  it.each([
    ['redis//:geheim@log:6379', /--events.url: "\*\*\*@log:6379" is not file:PATH, redis:/],
    ['redis://:geheim@log:6379/a', /^--events.url: a number of a database may stand behind the port/],
    ['redis://:geheim@log:99999', /^--events.url: redis:\/\/\*\*\*@log:99999: not an address/],
  ])('refuses %s without telling the password', (url, message) => {
    const wrong = () => opener({ 'events.url': url })
    expect(wrong).toThrow(message)
    expect(wrong).not.toThrow(/geheim/)
  })

  it('needs the files that it names, and warns of those that others may read', () => {
    const dir = mkdtempSync(join(tmpdir(), 'slotwise-event-log-'))
    const redis = { 'events.url': 'redis://log:6379' }
    expect(() => opener({ ...redis, 'events.password-file': join(dir, 'none') })).toThrow(
      /^--events.password-file: cannot read .*none: no such file/,
    )
    expect(() => opener({ ...redis, 'events.tls-ca-cert-file': join(dir, 'ca') })).toThrow(
      /^--events.tls-ca-cert-file: cannot read/,
    )
    const file = join(dir, 'password')
    writeFileSync(file, 'geheim\n', { mode: 0o644 })
    const warnings: string[] = []
    opener({ ...redis, 'events.password-file': file }, warnings)
    expect(warnings).toEqual([`--events.password-file: ${file} can be read by others; chmod 600 it`])
    rmSync(dir, { recursive: true })
  })
})
