import { expect, test } from 'vitest'
import { bytes, count, counted, difference, duration, percent } from './text'

test.each([
  [count(0), '0'],
  [count(1_234_567), '1,234,567'],
  [counted(1, 'key'), '1 key'],
  [counted(60_000, 'key'), '60,000 keys'],
  [counted(2, 'key was', 'keys were'), '2 keys were'],
  [bytes(0), '0 B'],
  [bytes(1023), '1,023 B'],
  [bytes(1536), '1.5 KiB'],
  [bytes(64 * 1024 ** 2), '64 MiB'],
  [bytes(3 * 1024 ** 6), '3,072 PiB'],
  [difference(5, 5), 'no change'],
  [difference(10, 1210), '+1,200'],
  [difference(2048, 1024, bytes), '-1 KiB'],
  [percent(0), '0 %'],
  [percent(0.0001), '< 0.1 %'],
  [percent(0.6871), '68.7 %'],
  [duration(0), '0 s'],
  [duration(-3), '0 s'],
  [duration(59.6), '1 min'],
  [duration(250), '4 min 10 s'],
  [duration(7500), '2 h 5 min'],
  [duration(86_400 * 3 + 14_400 + 61), '3 d 4 h'],
])('reads %s', (said, expected) => {
  expect(said).toBe(expected)
})
