import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Grafana loads the entries of all plugins at its start; what is shown later stands in chunks. */
export const MOST_ENTRY_BYTES = 30 * 1024

/**
 * A line for each entry that is larger than it may be, gzipped.
 * @param {string} dist folder of the built plugin
 * @param {readonly string[]} folders of the plugins in it; '' is the app itself
 * @returns {string[]}
 */
export function oversized(dist, folders, most = MOST_ENTRY_BYTES) {
  return folders.flatMap((folder) => {
    const file = join(folder, 'module.js')
    const { length } = gzipSync(readFileSync(join(dist, file)))
    return length > most
      ? [`${file} has ${length} bytes gzipped, more than ${most}: load what it does not need at once lazily`]
      : []
  })
}
