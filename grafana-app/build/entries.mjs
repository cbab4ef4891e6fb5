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

/**
 * A line when entries share modules. They may be on one page, where each then takes the other's cut of a module for
 * its own: under the same id, but with only the exports that the other uses.
 * @param compilation webpack's, built
 * @returns {string[]}
 */
export function sharedModules({ modules, chunkGraph }) {
  // What Grafana provides is the same for all.
  const shared = [...modules].filter(
    (module) => !('externalType' in module) && [...chunkGraph.getModuleRuntimes(module)].length > 1,
  )
  return shared.length === 0
    ? []
    : [
        `${shared.length} modules belong to more than one entry (${shared[0].nameForCondition()}): give each entry a layer`,
      ]
}
