import type { EvictKeysSpec, ShardEviction } from '../../../contract/kinds/evict-keys.js'
import type { Blocker, PlanBody, Problem } from '../../../contract/operations.js'
import { replyError } from '../../../redis/errors.js'
import { SLOTS } from '../../../redis/slots.js'
import { countSlots } from '../../../redis/topology.js'
import { count } from '../../figures.js'
import { hashOf } from '../../hash.js'
import { keyText } from '../../keys/key-text.js'
import type { PlanContext, PlanOutcome } from '../../kind.js'
import { factsOf, type NodeFacts } from '../../nodes/node-facts.js'
import { primariesOf } from '../../nodes/primaries.js'
import { together } from '../../progress.js'
import { criteriaOf, heatOf, impossible, matches, nameMatches, settling, type Criteria } from './criteria.js'
import { countNode, type Found } from './count.js'
import { addEstimates, estimateBytes, estimateKeys, estimateSeconds, exactly } from './estimate.js'
import { HUGE_SHARE, SHARE_OF_KEYS } from './quota.js'
import type { EvictKeysOptions } from './run.js'
import { draw } from './sample.js'
import { lagging } from './watch.js'

/** 9604 keys give a share to a percentage point, in 95 of 100 cases. */
const SAMPLE = 9604
const LEAST_SAMPLE_A_NODE = 1000
const SHOWN = 20
/** What is worth a warning: a share of the cluster's keys. */
const LARGE_SHARE = 0.1

/** What was found on one primary. */
interface Readout {
  readonly shard: ShardEviction
  readonly types: ReadonlyMap<string, number>
  readonly withoutTtl: number
  readonly found: readonly Found[]
}

/** Looks at the keys and touches none. */
export async function planEviction(
  spec: EvictKeysSpec,
  context: PlanContext,
  { switchedAt }: EvictKeysOptions,
): Promise<PlanOutcome> {
  const { cluster } = context
  await cluster.refresh()
  const { facts, problems } = await readPrimaries(context)
  if (problems.length > 0) return { problems }
  const unable = facts.flatMap((one) => impossible(spec, one) ?? [])
  if (unable.length > 0) return { problems: unable }
  const criteria = criteriaOf(spec, context.keyPrefixes)
  // The criteria are checked again on every key: of what was counted, a run relies on nothing.
  const looked = context.again ? [] : facts
  const readouts = await readOutAll(spec, criteria, context, looked)
  const at = switchedAt(cluster.name)
  const unsettled = settling(spec, at === undefined ? undefined : (Date.now() - at) / 1000)
  return { body: bodyOf(spec, readouts, facts, unsettled) }
}

async function readPrimaries(
  context: PlanContext,
): Promise<{ facts: readonly NodeFacts[]; problems: readonly Problem[] }> {
  const { cluster } = context
  const primaries = primariesOf(cluster)
  const covered = countSlots(primaries.flatMap(({ slots }) => slots))
  if (covered < SLOTS) {
    const reason = `only ${count(covered)} of ${count(SLOTS)} slots of ${cluster.name} are served: keys of the others could not be looked at`
    return { facts: [], problems: [{ reason, todo: 'mend the cluster first (slotwise check)' }] }
  }
  const problems: Problem[] = []
  const facts = await Promise.all(
    primaries.map((node) =>
      factsOf(cluster, node, nameOf(context)).catch((error: unknown) => {
        const todo = 'every primary must answer; bring it back, or let its replica take over'
        problems.push({ node: node.instance, reason: (error as Error).message, todo })
        return undefined
      }),
    ),
  )
  return { facts: facts.filter((one) => one !== undefined), problems }
}

/** Planning only reads, so its connections bear no token. */
const nameOf = ({ id }: PlanContext) => `slotwise/${id}/plan`

/** How one primary is looked at. */
interface Look {
  /** Of its keys at random; undefined: each of them is looked at. */
  readonly sample: number | undefined
  readonly progress: (looked: number) => void
}

function readOutAll(
  spec: EvictKeysSpec,
  criteria: Criteria,
  context: PlanContext,
  facts: readonly NodeFacts[],
): Promise<Readout[]> {
  const count = Math.max(LEAST_SAMPLE_A_NODE, Math.ceil(SAMPLE / primariesOf(context.cluster).length))
  const samples = facts.map(({ keys }) => (spec.count === 'full' || keys <= 2 * count ? undefined : count))
  const progress = together(
    samples.map((sample, i) => sample ?? facts[i]!.keys),
    context.progress,
  )
  return Promise.all(
    facts.map((one, i) =>
      readOut(criteria, context, one, { sample: samples[i], progress: (looked) => progress(i, looked) }),
    ),
  )
}

async function readOut(
  criteria: Criteria,
  context: PlanContext,
  { node, keys: total }: NodeFacts,
  { sample: count, progress }: Look,
): Promise<Readout> {
  const { cluster } = context
  const shard = { shard: node.shard, node: node.instance, total }
  const turn = async () => context.turn?.()
  if (count === undefined) {
    const how = { criteria, name: nameOf(context), examples: SHOWN, turn, progress }
    const counted = await countNode(cluster, node, how)
    return {
      shard: { ...shard, looked: total, keys: exactly(counted.keys), bytes: exactly(counted.bytes) },
      types: counted.types,
      withoutTtl: counted.withoutTtl,
      found: counted.examples,
    }
  }
  const named = (key: Buffer) => nameMatches(criteria, key)
  const { drawn, looked, refused } = await draw(cluster, node, nameOf(context), {
    count,
    heat: heatOf(criteria),
    named,
    turn,
    progress,
  })
  if (refused !== '') throw replyError(node.instance, 'looking at keys', refused)
  const matched = looked.filter((key) => matches(criteria, key))
  const keys = estimateKeys(matched.length, drawn, total)
  const weight = total / Math.max(1, drawn)
  const types = new Map<string, number>()
  for (const { type } of matched) types.set(type, (types.get(type) ?? 0) + weight)
  return {
    shard: {
      ...shard,
      looked: drawn,
      keys,
      bytes: estimateBytes(
        matched.map(({ bytes }) => bytes),
        keys,
      ),
    },
    types,
    withoutTtl: matched.filter(({ ttlMs }) => ttlMs < 0).length * weight,
    found: matched.slice(0, SHOWN),
  }
}

function bodyOf(
  spec: EvictKeysSpec,
  readouts: readonly Readout[],
  facts: readonly NodeFacts[],
  unsettled: string | undefined,
): PlanBody {
  const shards = readouts.map(({ shard }) => shard)
  const total = facts.reduce((sum, { keys }) => sum + keys, 0)
  const found = {
    keys: addEstimates(shards.map(({ keys }) => keys)),
    bytes: addEstimates(shards.map(({ bytes }) => bytes)),
  }
  const limits = {
    keys: Math.min(
      spec.limits.keys ?? Infinity,
      spec.limits.share === undefined ? Infinity : Math.floor(spec.limits.share * total),
    ),
    bytes: spec.limits.bytes ?? Infinity,
  }
  const goes = {
    keys: Math.min(found.keys.value, limits.keys),
    bytes: Math.min(found.bytes.value, limits.bytes),
  }
  const exact = shards.every(({ looked, total: all }) => looked >= all)
  const withoutTtl = Math.round(readouts.reduce((sum, one) => sum + one.withoutTtl, 0))
  const most = Math.min(found.keys.high, limits.keys)
  const blockers = blockersOf(most / Math.max(1, total), unsettled)
  return {
    changes: [],
    counts: { ...goes, nodes: facts.length, total },
    warnings: warningsOf({ goes, total, withoutTtl, exact, found: found.keys.value, limits, facts }),
    ...(blockers.length > 0 && { blockers }),
    sample: examples(readouts).map(({ key, type, ttlMs, bytes }) => ({
      key: keyText(key),
      type,
      ttlSeconds: ttlMs < 0 ? null : Math.ceil(ttlMs / 1000),
      bytes,
    })),
    fingerprint: hashOf({}),
    estimateSeconds: estimateSeconds({ ...goes, looked: total }, spec.rate),
    details: {
      exact,
      keys: found.keys,
      bytes: found.bytes,
      share: total === 0 ? 0 : goes.keys / total,
      withoutTtl,
      types: typesOf(readouts),
      shards,
    },
  }
}

function typesOf(readouts: readonly Readout[]): Record<string, number> {
  const types: Record<string, number> = {}
  for (const { types: of } of readouts)
    for (const [type, number] of of) types[type] = (types[type] ?? 0) + number
  return Object.fromEntries(Object.entries(types).map(([type, number]) => [type, Math.round(number)]))
}

/** Some of every shard. */
function examples(readouts: readonly Readout[]): readonly Found[] {
  const each = Math.ceil(SHOWN / Math.max(1, readouts.length))
  return readouts.flatMap(({ found }) => found.slice(0, each)).slice(0, SHOWN)
}

function blockersOf(share: number, unsettled: string | undefined): Blocker[] {
  return [
    ...(share > HUGE_SHARE
      ? [
          {
            check: SHARE_OF_KEYS,
            reason: `up to ${Math.round(share * 100)} % of all keys of the cluster would go`,
            todo: 'narrow the selection or set limits.keys; or override share-of-keys if that is what you want',
          },
        ]
      : []),
    ...(unsettled === undefined
      ? []
      : [
          {
            check: 'settling',
            reason: unsettled,
            todo: 'wait until it has settled, or choose a shorter idleOver; or override settling',
          },
        ]),
  ]
}

function warningsOf(of: {
  readonly goes: { readonly keys: number }
  readonly total: number
  readonly withoutTtl: number
  readonly exact: boolean
  readonly found: number
  readonly limits: { readonly keys: number }
  readonly facts: readonly NodeFacts[]
}): string[] {
  const { goes, total, withoutTtl, exact, found, limits, facts } = of
  const share = goes.keys / Math.max(1, total)
  const list: string[] = []
  if (total > 0 && goes.keys >= total) list.push('nothing would be left: every key of the cluster goes')
  else if (share > LARGE_SHARE) list.push(`${Math.round(share * 100)} % of all keys of the cluster go`)
  if (withoutTtl > 0)
    list.push(
      `${exact ? '' : 'about '}${count(withoutTtl)} of the keys have no TTL: they may be data that nothing brings back`,
    )
  for (const { node, info } of facts) {
    const lag = lagging(info)
    if (lag !== undefined) list.push(`${node.instance}: ${lag}: the run waits until it has caught up`)
  }
  if (found > limits.keys) list.push(`more keys match than may go: it ends after ${count(limits.keys)}`)
  if (found === 0)
    list.push(
      `${exact ? 'no key matches' : 'none of the keys looked at matches'}: the run would find little or nothing`,
    )
  if (!exact) list.push('keys and bytes are estimated from a sample; 95 % lie within the bounds')
  return list
}
