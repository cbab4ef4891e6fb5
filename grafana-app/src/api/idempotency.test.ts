import { expect, test } from 'vitest'
import { Attempts } from './idempotency'

test('a repetition of the same request has the same key until it was answered', () => {
  const attempts = new Attempts()
  const first = attempts.keyFor({ hash: 'a', reason: 'x' })
  expect(first).toMatch(/^[0-9a-f]{32}$/)
  expect(attempts.keyFor({ hash: 'a', reason: 'x' })).toBe(first)
  const other = attempts.keyFor({ hash: 'a', reason: 'y' })
  expect(other).not.toBe(first)
  attempts.answered()
  expect(attempts.keyFor({ hash: 'a', reason: 'y' })).not.toBe(other)
})
