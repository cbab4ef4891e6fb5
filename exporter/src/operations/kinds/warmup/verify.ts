import type { WarmupSpec } from '../../../contract/kinds/warmup.js'
import type { Comparison } from '../../../contract/operations.js'
import { bulkOf } from '../../../redis/replies.js'
import { Item } from './item.js'
import { keyText } from '../../keys/key-text.js'
import type { NodeLinks } from './node-links.js'
import { readKeys, type Drop, type ReadOptions } from './read.js'
import { digestOf, type Sampled } from './sample.js'
import { ttlFits } from './ttl.js'

export interface VerifyOptions {
  readonly spec: WarmupSpec
  /** Undefined for a file: what was read of it is all there is to compare with. */
  readonly source: NodeLinks | undefined
  readonly target: NodeLinks
  readonly now: () => number
  /** How long ago the first key may have been copied; ms. */
  readonly ageMs: () => number
  /** As of readKeys: the comparison keeps to the rate, and does not go on while the run is paused. */
  readonly room: ReadOptions['room']
}

/** What one side has of a key. */
interface Side {
  /** Absent where it cannot be compared: a stream, a value of a module. */
  readonly digest: string | undefined
  readonly ttlMs: number
}

const TOGETHER = 256
const EXAMPLES = 20

/**
 * Compares type, value and TTL of keys that were written with what the source has. A key that has changed or gone at
 * the source since it was read proves nothing and counts as gone.
 */
export async function verify(keys: readonly Sampled[], options: VerifyOptions): Promise<Comparison> {
  const result = { checked: 0, same: 0, different: 0, missing: 0, gone: 0, examples: [] as string[] }
  for (let from = 0; from < keys.length; from += TOGETHER) {
    const group = keys.slice(from, from + TOGETHER)
    const [source, target] = await Promise.all([
      options.source && sidesOf(group, options.source, options),
      sidesOf(group, options.target, options),
    ])
    for (const key of group) {
      const [verdict, what] = await judge(key, source, target, options)
      result.checked++
      result[verdict]++
      if (what !== undefined && result.examples.length < EXAMPLES)
        result.examples.push(`${keyText(bulkOf(key.key)!)}: ${what}`)
    }
  }
  return result
}

type Verdict = [verdict: 'same' | 'different' | 'missing' | 'gone', what?: string]

async function judge(
  key: Sampled,
  sources: Map<Sampled, Side> | undefined,
  targets: Map<Sampled, Side>,
  { spec, source: links, now, room, ageMs }: VerifyOptions,
): Promise<Verdict> {
  const source = sources ? sources.get(key) : { digest: key.digest, ttlMs: leftOf(key, now()) }
  if (!source || key.expiresAt <= now()) return ['gone']
  const target = targets.get(key)
  if (target && source.digest === target.digest && ttlFits(source.ttlMs, target.ttlMs, spec.ttl, ageMs()))
    return ['same']
  if (!target && spec.ttl.maxSeconds !== undefined && ageMs() >= spec.ttl.maxSeconds * 1000) return ['gone']
  if (links && (await hasChanged(key, source, links, { now, room }))) return ['gone']
  if (!target) return ['missing', 'in the source but not in the target']
  if (key.wasPresent) return ['gone']
  if (source.digest !== target.digest) return ['different', 'another type or value than in the source']
  return ['different', `TTL ${told(target.ttlMs)}, in the source ${told(source.ttlMs)}`]
}

/** Whether the source has written the key since it was read for the copy. */
async function hasChanged(
  key: Sampled,
  source: Side,
  links: NodeLinks,
  how: Pick<ReadOptions, 'now' | 'room'>,
): Promise<boolean> {
  const expiresAt = source.ttlMs < 0 ? Infinity : how.now() + source.ttlMs
  if (expiresAt !== key.expiresAt && !(Math.abs(expiresAt - key.expiresAt) < 2000)) return true
  if (key.how !== 'dump') return source.digest !== key.digest
  const item = new Item(key.key, key.slot)
  let digest: string | undefined
  await read([item], links, 'restore', how, (one) => (digest = digestOf(one)))
  return digest !== key.digest
}

async function sidesOf(
  keys: readonly Sampled[],
  links: NodeLinks,
  how: Pick<ReadOptions, 'now' | 'room'>,
): Promise<Map<Sampled, Side>> {
  const items = new Map(keys.map((key) => [new Item(key.key, key.slot), key]))
  const sides = new Map<Sampled, Side>()
  const opaque = (item: Item) => sides.set(items.get(item)!, { digest: undefined, ttlMs: item.ttlMs })
  const take = (item: Item) => sides.set(items.get(item)!, { digest: digestOf(item), ttlMs: item.ttlMs })
  await read([...items.keys()], links, 'typed', how, take, opaque)
  return sides
}

async function read(
  items: readonly Item[],
  links: NodeLinks,
  mode: 'typed' | 'restore',
  how: Pick<ReadOptions, 'now' | 'room'>,
  take: (item: Item) => void,
  opaque: (item: Item) => void = () => undefined,
): Promise<void> {
  const all = { name: () => true, type: () => true, ttl: () => true }
  const transfer = { mode, why: '', heat: undefined, dumpsStrings: mode === 'restore', fieldTtls: false }
  const groups = links.group(items)
  await Promise.all(
    groups.map(async ({ name, ask, items: ofNode }) => {
      const options = { name, transfer, selection: all, maxBytes: Infinity, ...how }
      const drop: Drop = (item, why) => {
        if (why === 'unsupported') opaque(item)
      }
      for await (const values of readKeys(ofNode, ask, options, drop))
        for (const item of values) {
          take(item)
          item.forget()
        }
    }),
  )
}

function leftOf({ expiresAt }: Sampled, now: number): number {
  return expiresAt === Infinity ? -1 : expiresAt - now
}

function told(ttlMs: number): string {
  return ttlMs < 0 ? 'none' : `${Math.round(ttlMs / 1000)} s`
}
