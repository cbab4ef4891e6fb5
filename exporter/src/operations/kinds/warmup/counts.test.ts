import { expect, it } from 'vitest'
import { addCounts, countsOfAgain, noCounts, shownTogether } from './counts.js'

it('sum to what there is where keys of a pass that began again are found again at another node', () => {
  const before = { ...noCounts(), read: 700, written: 700, bytes: 7000 }
  const again = countsOfAgain(before, 'skip')
  const other = { ...noCounts(), read: 1000, existing: 1000 }
  const shown = shownTogether([again, other])
  expect(shown).toMatchObject([
    { written: 700, existing: 0, bytes: 7000 },
    { written: 0, existing: 300, bytes: 0 },
  ])
  const sum = noCounts()
  for (const counts of shown) addCounts(sum, counts)
  expect(sum).toMatchObject({ written: 700, existing: 300 })
})
