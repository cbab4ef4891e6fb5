import type { Rate } from '../../contract/operations.js'
import { count, size } from './figures.js'

export function renderRate({ keysPerSecond, bytesPerSecond }: Rate): string {
  const parts = [
    ...(keysPerSecond === undefined ? [] : [`${count(keysPerSecond)} keys/s`]),
    ...(bytesPerSecond === undefined ? [] : [`${size(bytesPerSecond)}/s`]),
  ]
  return parts.length > 0 ? parts.join(', ') : 'as fast as it goes'
}
