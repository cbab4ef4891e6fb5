import { expect, test } from 'vitest'
import { addSample, speedOf, type Sample } from './speed'

const samplesOf = (...given: readonly (readonly [atMs: number, done: number])[]) =>
  given.reduce<readonly Sample[]>(
    (before, [atMs, done]) => addSample(before, { atMs, done, bytes: done * 100 }),
    [],
  )

test.each([
  ['one sample tells nothing', samplesOf([0, 100]), undefined],
  ['nor do two close together', samplesOf([0, 100], [3000, 900]), undefined],
  ['some seconds apart they do', samplesOf([0, 0], [4000, 2000]), 500],
  [
    'only the last seconds count',
    samplesOf([0, 0], [10_000, 90_000], [16_000, 96_000], [22_000, 102_000]),
    1000,
  ],
  ['what stands still goes at 0', samplesOf([0, 900], [6000, 900]), 0],
  ['less than before begins anew', samplesOf([0, 900], [6000, 100]), undefined],
])('%s', (_, samples, keysPerSecond) => {
  expect(speedOf(samples)).toEqual(
    keysPerSecond === undefined ? undefined : { keysPerSecond, bytesPerSecond: keysPerSecond * 100 },
  )
})

test('samples that are out of the window are forgotten', () => {
  const many = samplesOf(
    ...Array.from({ length: 100 }, (_, second): [number, number] => [second * 1000, second]),
  )
  expect(many.length).toBeLessThan(10)
})
