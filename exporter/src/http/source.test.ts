import { expect, it } from 'vitest'
import { sourceOf } from './source.js'

it.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['::1', '::1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80::/64'],
  ['', 'unknown'],
  [undefined, 'unknown'],
])('%s counts as %s', (address, source) => {
  expect(sourceOf(address)).toBe(source)
})
