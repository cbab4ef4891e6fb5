import { setTimeout } from 'node:timers/promises'
import type { Cluster } from '../../../redis/cluster.js'
import { replyError } from '../../../redis/errors.js'
import { bulkOf, errorOf, type ClusterNode } from '../../../redis/replies.js'
import type { Criteria } from './criteria.js'
import { COUNTS, encodePage, numberOf, readPage } from './script.js'

const TIMEOUT_MS = 10_000
const COUNT = 500
const REST_MS = 1
const EXAMPLES_A_PAGE = 10

export interface CountOptions {
  readonly criteria: Criteria
  /** Of the connection. */
  readonly name: string
  /** Awaited before each page. */
  readonly turn?: () => Promise<void>
  /** Counts those apart that matched then already and were not touched since; ms since the epoch. */
  readonly untouchedSince?: number
  /** How many examples are wanted. */
  readonly examples?: number
  /** About how many keys were looked at, all told. */
  readonly progress?: (looked: number) => void
}

export interface Found {
  readonly key: Buffer
  /** Negative: it never expires. */
  readonly ttlMs: number
  readonly type: string
  readonly bytes: number
}

export interface NodeCount {
  keys: number
  bytes: number
  untouched: number
  /** Match the pattern, but not every criterion. */
  kept: number
  withoutTtl: number
  readonly types: Map<string, number>
  readonly examples: Found[]
}

/** Looks at every key of a node and touches none. @throws NodeError */
export async function countNode(
  cluster: Cluster,
  { address, instance }: ClusterNode,
  { criteria, name, turn, untouchedSince, examples = 0, progress }: CountOptions,
): Promise<NodeCount> {
  const sum: NodeCount = {
    keys: 0,
    bytes: 0,
    untouched: 0,
    kept: 0,
    withoutTtl: 0,
    types: new Map(),
    examples: [],
  }
  const link = cluster.rawLink(address, name)
  const ask = async (request: Buffer, command: string): Promise<Buffer> => {
    const [reply] = await link.exchange(request, 1, TIMEOUT_MS)
    const refused = errorOf(reply!)
    if (refused !== undefined) throw replyError(link.address, command, refused)
    return reply!
  }
  try {
    await ask(COUNTS.load, 'SCRIPT LOAD')
    let looked = 0
    let cursor = '0'
    do {
      await turn?.()
      const wanted = Math.min(EXAMPLES_A_PAGE, examples - sum.examples.length)
      const page = readPage(
        await ask(
          encodePage(criteria, {
            cursor,
            count: COUNT,
            most: 0,
            mostBytes: Infinity,
            countsOnly: true,
            examples: Math.max(0, wanted),
            ...(untouchedSince !== undefined && { untouchedFor: secondsSince(untouchedSince) }),
          }),
          'EVALSHA',
        ),
      )
      if (page.failed > 0) throw replyError(instance, 'looking at keys', page.failure)
      sum.keys += page.matched
      sum.bytes += page.bytes
      sum.untouched += page.untouched
      sum.kept += page.kept
      sum.withoutTtl += page.withoutTtl
      for (const [type, number] of page.types) sum.types.set(type, (sum.types.get(type) ?? 0) + number)
      sum.examples.push(...examplesIn(page.examples))
      progress?.((looked += COUNT))
      cursor = page.next
      // Others come in between.
      await setTimeout(REST_MS)
    } while (cursor !== '0')
    return sum
  } finally {
    link.close()
  }
}

/** Rather too many: idle times are told in whole seconds, and clocks of nodes differ. */
function secondsSince(time: number): number {
  return Math.ceil((Date.now() - time) / 1000) + 1
}

function examplesIn(told: readonly Buffer[]): Found[] {
  return Array.from({ length: told.length / 4 }, (_, i) => {
    const [key, ttl, type, bytes] = told.slice(i * 4, i * 4 + 4)
    return {
      key: Buffer.from(bulkOf(key!)!),
      ttlMs: numberOf(ttl!),
      type: bulkOf(type!)!.toString(),
      bytes: numberOf(bytes!),
    }
  })
}
