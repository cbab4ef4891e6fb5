import type { Cluster } from '../../../redis/cluster.js'
import { replyError } from '../../../redis/errors.js'
import type { RawLink } from '../../../redis/raw-link.js'
import { errorOf, type ClusterNode } from '../../../redis/replies.js'
import { primariesOf } from '../../nodes/primaries.js'
import { nameMatches, type Looked } from './criteria.js'
import type { Work } from './passes.js'
import { DRAWS, encodeDraw, readDraw } from './script.js'

const TIMEOUT_MS = 10_000
const TOGETHER = 200

export interface DrawOptions {
  readonly count: number
  readonly heat: 'IDLETIME' | 'FREQ' | undefined
  /** Awaited before each batch. */
  readonly turn?: () => Promise<void>
  /** How many were drawn, all told. */
  readonly progress?: (drawn: number) => void
}

/** Draws keys of a node at random, each once; fewer where the same come again. @throws NodeError */
export async function draw(
  cluster: Cluster,
  { address }: ClusterNode,
  name: string,
  { count, heat, turn, progress }: DrawOptions,
): Promise<Looked[]> {
  const link = cluster.rawLink(address, name)
  const found = new Map<string, Looked>()
  try {
    await asked(link, DRAWS.load, 'SCRIPT LOAD')
    for (let drawn = 0; drawn < count; drawn += TOGETHER) {
      await turn?.()
      const frame = await asked(link, encodeDraw(Math.min(TOGETHER, count - drawn), heat), 'EVALSHA')
      for (const looked of readDraw(frame)) found.set(looked.key.toString('latin1'), looked)
      progress?.(drawn + TOGETHER)
    }
  } finally {
    link.close()
  }
  return [...found.values()]
}

/** Draws keys that the pattern, or the token, leaves out, before anything is unlinked. @throws NodeError */
export async function drawLeftOut(work: Work, size: number): Promise<void> {
  const nodes = primariesOf(work.cluster)
  const count = Math.ceil(size / Math.max(1, nodes.length))
  if (count === 0) return
  const drawn = await Promise.all(
    nodes.map((node) => draw(work.cluster, node, work.connectionName, { count, heat: undefined })),
  )
  for (const { key, ttlMs } of drawn.flat())
    if (!nameMatches(work.criteria, key)) work.leftOut.add(key, ttlMs, true)
}

async function asked(link: RawLink, request: Buffer, command: string): Promise<Buffer> {
  const [reply] = await link.exchange(request, 1, TIMEOUT_MS)
  const refused = errorOf(reply!)
  if (refused !== undefined) throw replyError(link.address, command, refused)
  return reply!
}
