import type { Cluster } from '../../../redis/cluster.js'
import { replyError } from '../../../redis/errors.js'
import { encodePipeline } from '../../../redis/frames.js'
import type { RawLink } from '../../../redis/raw-link.js'
import { bulkOf, errorOf, type ClusterNode } from '../../../redis/replies.js'
import { primariesOf } from '../../nodes/primaries.js'
import { nameMatches, type Looked } from './criteria.js'
import type { Work } from './passes.js'
import { encodeLook, LOOKS, readLook } from './script.js'

const TIMEOUT_MS = 10_000
const TOGETHER = 200

export interface DrawOptions {
  readonly count: number
  readonly heat: 'IDLETIME' | 'FREQ' | undefined
  /** Which keys are looked at, by their names. */
  readonly named: (key: Buffer) => boolean
  /** Awaited before each batch. */
  readonly turn?: () => Promise<void>
  /** How many were drawn, all told. */
  readonly progress?: (drawn: number) => void
}

/** What came of drawing keys at random. */
export interface Drawn {
  /** How many different keys. */
  readonly drawn: number
  readonly looked: readonly Looked[]
  /** Why a key could not be looked at; '' when all could. */
  readonly refused: string
}

/**
 * Draws keys of a node at random, each once; fewer where the same come again. Only those of the wanted names are
 * looked at: the user may have no right to others. Ends where a key refuses to be looked at.
 * @throws NodeError
 */
export async function draw(
  cluster: Cluster,
  { address }: ClusterNode,
  name: string,
  { count, heat, named, turn, progress }: DrawOptions,
): Promise<Drawn> {
  const link = cluster.rawLink(address, name)
  const drawn = new Set<string>()
  const looked: Looked[] = []
  let refused = ''
  try {
    await ask(link, LOOKS.load, 1, 'SCRIPT LOAD')
    for (let asked = 0; asked < count && refused === ''; asked += TOGETHER) {
      await turn?.()
      const fresh = (await randomKeys(link, Math.min(TOGETHER, count - asked))).filter(
        (key) => !drawn.has(key.toString('latin1')),
      )
      for (const key of fresh) drawn.add(key.toString('latin1'))
      const wanted = [...new Map(fresh.filter(named).map((key) => [key.toString('latin1'), key])).values()]
      if (wanted.length > 0) {
        const [frame] = await ask(link, encodeLook(wanted, heat), 1, 'EVALSHA')
        const answer = readLook(frame!)
        looked.push(...answer.looked)
        refused = answer.refused
      }
      progress?.(asked + TOGETHER)
    }
  } finally {
    link.close()
  }
  return { drawn: drawn.size, looked, refused }
}

/** Draws keys that the pattern, or the token, leaves out, before anything is unlinked. @throws NodeError */
export async function drawLeftOut(work: Work, size: number): Promise<void> {
  const nodes = primariesOf(work.cluster)
  const count = Math.ceil(size / Math.max(1, nodes.length))
  if (count === 0) return
  const named = (key: Buffer) => !nameMatches(work.criteria, key)
  const draws = await Promise.all(
    nodes.map((node) => draw(work.cluster, node, work.connectionName, { count, heat: undefined, named })),
  )
  // A user who may not look at keys outside the pattern cannot have unlinked them either.
  for (const { key, ttlMs } of draws.flatMap(({ looked }) => looked)) work.leftOut.add(key, ttlMs, true)
}

async function randomKeys(link: RawLink, count: number): Promise<Buffer[]> {
  const request = encodePipeline(new Array<[string]>(count).fill(['RANDOMKEY']))
  const replies = await ask(link, request, count, 'RANDOMKEY')
  return replies.flatMap((reply) => {
    const key = bulkOf(reply)
    return key ? [Buffer.from(key)] : []
  })
}

async function ask(link: RawLink, request: Buffer, count: number, command: string): Promise<Buffer[]> {
  const replies = await link.exchange(request, count, TIMEOUT_MS)
  for (const reply of replies) {
    const refused = errorOf(reply)
    if (refused !== undefined) throw replyError(link.address, command, refused)
  }
  return replies
}
