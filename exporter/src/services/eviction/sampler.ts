import { setTimeout } from 'node:timers/promises'
import type { SampleSummary } from '../../contract/eviction.js'
import type { Cluster, Member } from '../../redis/cluster.js'
import { replyError } from '../../redis/errors.js'
import type { RawLink } from '../../redis/raw-link.js'
import { decode, errorOf, ReplyError } from '../../redis/replies.js'
import { keysIn, type Readout } from './readout.js'
import { sharesOf, summarize, type SampledKey } from './sample.js'

/** ±1 point, 19 times of 20. */
export const SAMPLE_KEYS = 9604
const BATCH = 50
/** Elements of a large value that MEMORY USAGE looks at. */
const VALUE_SAMPLES = '5'
/** A node works at most a third of the time for the sample. */
const REST = 2
const EXCHANGE_MS = 5000
const NAME = 'slotwise/eviction-sample'

/** Of one shard: who is asked about keys, and who knows when they were used. */
interface Shard {
  readonly primary: Member
  readonly reads: Member
  readonly wanted: number
}

export interface SampleOptions {
  readonly onProgress: (done: number, total: number) => void
  /** Whether the engines' notes on use can be trusted; a reason not to goes into the summary. */
  readonly distrust: string | undefined
}

/**
 * Looks at random keys of every shard, all shards at once: TTL and size on a replica where one is well, idle time or
 * frequency on the primary, because what clients read there is not replicated. None of it counts as a use of the key.
 * @throws NodeError a command was refused, or a node does not answer
 */
export async function takeSample(
  cluster: Cluster,
  readouts: readonly Readout[],
  { onProgress, distrust }: SampleOptions,
): Promise<SampleSummary> {
  const shards = shardsOf(cluster, readouts)
  const total = shards.reduce((sum, { wanted }) => sum + wanted, 0)
  let done = 0
  const policy = readouts.find(({ node }) => node.role === 'primary')?.values.policy ?? ''
  const subject = policy.endsWith('-lfu') ? 'FREQ' : 'IDLETIME'
  const note = (count: number) => {
    done += count
    onProgress(done, total)
  }
  const keys = await Promise.all(
    shards.map((shard) => sampleShard(cluster, shard, distrust === undefined ? subject : undefined, note)),
  )
  const of = readouts
    .filter(({ node }) => node.role === 'primary')
    .reduce((sum, readout) => sum + keysIn(readout).keys, 0)
  return summarize(keys.flat(), {
    of,
    from: shards.map(({ reads }) => reads.node.instance),
    ...(distrust !== undefined && { note: distrust }),
  })
}

function shardsOf({ members }: Cluster, readouts: readonly Readout[]): Shard[] {
  const primaries = readouts.filter(({ node, info }) => node.role === 'primary' && info)
  const wanted = sharesOf(
    primaries.map((readout) => keysIn(readout).keys),
    SAMPLE_KEYS,
  )
  const linked = new Set(
    readouts
      .filter(({ info }) => info?.get('master_link_status') === 'up' && info.get('loading') !== '1')
      .map(({ node }) => node.id),
  )
  return primaries.flatMap(({ node }, i) => {
    const primary = members.find((member) => member.node.id === node.id)
    const replica = members.find((member) => member.node.primaryId === node.id && linked.has(member.node.id))
    return primary && wanted[i]! > 0 ? [{ primary, reads: replica ?? primary, wanted: wanted[i]! }] : []
  })
}

async function sampleShard(
  cluster: Cluster,
  { primary, reads, wanted }: Shard,
  subject: 'FREQ' | 'IDLETIME' | undefined,
  note: (count: number) => void,
): Promise<SampledKey[]> {
  const readLink = cluster.rawLink(reads.node.address, NAME, [['READONLY']])
  const useLink = reads === primary ? readLink : cluster.rawLink(primary.node.address, NAME)
  const found: SampledKey[] = []
  try {
    for (let looked = 0; looked < wanted; looked += BATCH) {
      const started = performance.now()
      const count = Math.min(BATCH, wanted - looked)
      found.push(...(await sampleBatch(readLink, useLink, count, subject)))
      note(count)
      await setTimeout((performance.now() - started) * REST)
    }
    return found
  } finally {
    readLink.close()
    useLink.close()
  }
}

async function sampleBatch(
  reads: RawLink,
  uses: RawLink,
  count: number,
  subject: 'FREQ' | 'IDLETIME' | undefined,
): Promise<SampledKey[]> {
  const drawn = await ask(reads, Array(count).fill(['RANDOMKEY']) as string[][])
  const keys = drawn.flatMap((reply) => (typeof reply === 'string' ? [reply] : []))
  if (keys.length === 0) return []
  const [facts, used] = await Promise.all([
    ask(
      reads,
      keys.flatMap((key) => [
        ['PTTL', key],
        ['MEMORY', 'USAGE', key, 'SAMPLES', VALUE_SAMPLES],
      ]),
    ),
    subject === undefined
      ? []
      : ask(
          uses,
          keys.map((key) => ['OBJECT', subject, key]),
        ),
  ])
  return keys.flatMap((_, i): SampledKey[] => {
    const [ttlMs, bytes, use] = [facts[2 * i], facts[2 * i + 1], used[i]]
    // -2: it has gone since.
    if (typeof ttlMs !== 'number' || ttlMs === -2) return []
    return [
      {
        ttlMs,
        ...(typeof bytes === 'number' && { bytes }),
        ...(typeof use === 'number' && (subject === 'FREQ' ? { frequency: use } : { idleSeconds: use })),
      },
    ]
  })
}

/** Keys are bytes: latin1 keeps each as a character. An answer that a key has moved counts as none. */
async function ask(link: RawLink, commands: readonly (readonly string[])[]): Promise<unknown[]> {
  if (commands.length === 0) return []
  const frames = await link.exchange(encoded(commands), commands.length, EXCHANGE_MS)
  return frames.map((frame, i) => {
    const refused = errorOf(frame)
    if (refused !== undefined && /^(NOPERM|ERR unknown|NOAUTH)/.test(refused))
      throw replyError(link.address, commands[i]![0]!, refused)
    const reply = decode(frame, 'latin1')
    return reply instanceof ReplyError ? undefined : reply
  })
}

function encoded(commands: readonly (readonly string[])[]): Buffer {
  const text = commands
    .map((words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`)
    .join('')
  return Buffer.from(text, 'latin1')
}
