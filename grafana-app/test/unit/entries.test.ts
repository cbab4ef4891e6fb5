import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { oversized } from '../../build/entries.mjs'

const dist = mkdtempSync(join(tmpdir(), 'slotwise-entries-'))
afterAll(() => rmSync(dist, { recursive: true, force: true }))

it('names the entries that are larger than 30 KB gzipped', () => {
  mkdirSync(join(dist, 'panels/warmup'), { recursive: true })
  writeFileSync(join(dist, 'module.js'), 'x'.repeat(1_000_000))
  writeFileSync(join(dist, 'panels/warmup/module.js'), randomBytes(31 * 1024))
  expect(oversized(dist, ['', 'panels/warmup'])).toEqual([
    expect.stringMatching(/^panels\/warmup\/module\.js has 3\d{4} bytes gzipped, more than 30720/),
  ])
})
