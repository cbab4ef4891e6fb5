import fs from 'node:fs'
import { expect, it, vi } from 'vitest'
import { makeLogger } from './log.js'

it('writes JSON with levels and times as redis_exporter does', () => {
  const written = vi.spyOn(fs, 'writeSync').mockImplementation((_, text) => text.length)
  try {
    makeLogger({ level: 'info', format: 'json' }).warn({ node: 'a:1' }, 'slow')
    const line = JSON.parse(written.mock.lastCall![1]) as { time: string }
    expect(line).toEqual({ level: 'warn', time: line.time, node: 'a:1', msg: 'slow' })
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  } finally {
    written.mockRestore()
  }
})
