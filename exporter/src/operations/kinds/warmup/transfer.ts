import { atLeast, dumpFits, restoreRisk } from '../../nodes/engine-version.js'
import type { NodeFacts } from '../../nodes/node-facts.js'

/** How values travel. */
export interface Transfer {
  /** `restore`: DUMP and RESTORE, of strings GET and SET; `typed`: everything read and written by its type. */
  readonly mode: 'restore' | 'typed'
  readonly why: string
  /** What is carried over of how a key was used. */
  readonly heat: 'IDLETIME' | 'FREQ' | undefined
  /** Whether strings are dumped, too: SET can carry over nothing but the value. */
  readonly dumpsStrings: boolean
  /** Whether hashes of the source can hold fields with a TTL of their own, which typed writes would lose. */
  readonly fieldTtls: boolean
}

export const FROM_FILE: Transfer = {
  mode: 'typed',
  why: 'a file holds values by type',
  heat: undefined,
  dumpsStrings: false,
  fieldTtls: false,
}

/** Decides how to copy from these nodes to those. Pure. */
export function transferBetween(
  sources: readonly NodeFacts[],
  targets: readonly NodeFacts[],
  restore: 'safe' | 'trusted',
): Transfer {
  const fieldTtls = sources.some(({ engine }) =>
    atLeast(engine.version, engine.engine === 'valkey' ? '9.0' : '7.4'),
  )
  const typed = (why: string): Transfer => ({
    mode: 'typed',
    why,
    heat: undefined,
    dumpsStrings: false,
    fieldTtls,
  })
  for (const source of sources)
    for (const target of targets) {
      const [from, to] = [source, target].map(({ engine }) => `${engine.engine} ${engine.version}`)
      if (source.rdb === undefined || target.rdb === undefined)
        return typed(`the RDB version of ${source.rdb === undefined ? from : to} is not known`)
      if (!dumpFits(source.rdb, target.rdb, target.engine))
        return typed(`${to} (RDB ${target.rdb}) does not take what ${from} (RDB ${source.rdb}) dumps`)
    }
  const risk = targets.map(({ engine }) => restoreRisk(engine)).find((text) => text !== undefined)
  if (risk !== undefined && restore === 'safe')
    return typed(`${risk}; trusting the source (restore: trusted) would use it all the same`)
  const heat = heatBetween(sources, targets)
  return {
    mode: 'restore',
    why: `the target takes the RDB version of the source${risk === undefined ? ' and no vulnerability of RESTORE is known in it' : `; ${risk}, and the source is trusted`}`,
    heat,
    dumpsStrings: heat !== undefined,
    fieldTtls,
  }
}

/** Idleness where both count it (any policy but LFU), the frequency where both are LFU; only where the target evicts by it. */
function heatBetween(sources: readonly NodeFacts[], targets: readonly NodeFacts[]): Transfer['heat'] {
  const lfu = ({ policy }: NodeFacts) => policy.endsWith('-lfu')
  if (targets.every(lfu)) return sources.every(lfu) ? 'FREQ' : undefined
  const byIdleness = targets.every(({ policy }) => policy.endsWith('-lru'))
  return byIdleness && !sources.some(lfu) ? 'IDLETIME' : undefined
}
