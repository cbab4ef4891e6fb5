import type { WarmupSpec } from '../../../contract/kinds/warmup.js'
import type { Blocker, PlanBody, Problem } from '../../../contract/operations.js'
import { countSlots } from '../../../redis/topology.js'
import { SLOTS } from '../../../redis/slots.js'
import { count } from '../../figures.js'
import { hashOf } from '../../hash.js'
import type { PlanContext, PlanOutcome } from '../../kind.js'
import { hasOneTable } from '../../nodes/engine-version.js'
import { Estimator, estimateSeconds, type Estimate, type TargetShard } from './estimate.js'
import { Forbids, type SourceOptions, type SourceReadout } from './source-readout.js'
import { readDigest, readFile } from './plan-file.js'
import { fillLimit, memoryLook } from './headroom.js'
import { keyText } from '../../keys/key-text.js'
import type { NodeFacts } from '../../nodes/node-facts.js'
import { selection, type Selection } from './select.js'
import { SlotSet } from '../../slots/slot-set.js'
import { NodeLinks } from './node-links.js'
import { sharePresent } from './present.js'
import { readingLink, sourceNodes, type SourceNode } from './source-node.js'
import { factsOf } from '../../nodes/node-facts.js'
import { together } from '../../progress.js'
import { sampleNode, sampleSize } from './source-sample.js'
import { replicaLimits } from './target-facts.js'
import { primariesOf } from '../../nodes/primaries.js'
import { transferBetween, type Transfer } from './transfer.js'

/** Looks at source and target and touches nothing. */
export async function planWarmup(
  spec: WarmupSpec,
  context: PlanContext,
  options: SourceOptions,
): Promise<PlanOutcome> {
  try {
    const targets = await readTarget(context, options)
    const limits = await replicaLimits(context.cluster, options.clientName)
    const estimator = new Estimator(targets.map((facts) => shardOf(facts, spec.limits.memoryShare, limits)))
    const source =
      spec.source.type === 'file'
        ? await (context.again ? readDigest : readFile)(
            options.dir,
            spec.source.path,
            selectionOf(spec, context),
            spec.select.maxBytes,
            estimator,
            context,
          )
        : await readCluster(spec, context, options, targets, estimator)
    const found = estimator.result()
    const there = context.again ? undefined : await lookInTarget(found, context, options)
    return { body: bodyOf(spec, source, targets, found, there) }
  } catch (error) {
    if (error instanceof Forbids) return { problems: error.problems }
    throw error
  }
}

/** How many of the keys are in the target already; undefined where it does not say. */
async function lookInTarget(
  { spread, keys }: Estimate,
  { cluster, turn }: PlanContext,
  { clientName }: SourceOptions,
): Promise<number | undefined> {
  await turn?.()
  const links = NodeLinks.ofPrimaries(cluster, primariesOf(cluster), clientName)
  try {
    const share = await sharePresent(spread, links)
    return share === undefined ? undefined : Math.round(share * keys)
  } catch {
    // It answered a moment ago. The plan holds without this, and the run looks for itself.
    return undefined
  } finally {
    links.close()
  }
}

async function readTarget({ cluster }: PlanContext, { clientName }: SourceOptions): Promise<NodeFacts[]> {
  await cluster.refresh()
  const primaries = primariesOf(cluster)
  const covered = countSlots(primaries.flatMap(({ slots }) => slots))
  if (covered < SLOTS) {
    const reason = `only ${count(covered)} of ${count(SLOTS)} slots of ${cluster.name} are served: keys of the others could not be written`
    throw new Forbids([{ reason, todo: 'mend the cluster first (slotwise check)' }])
  }
  const problems: Problem[] = []
  const facts = await Promise.all(
    primaries.map((node) =>
      factsOf(cluster, node, clientName).catch((error: unknown) => {
        const todo = 'every primary must answer; bring it back, or let its replica take over'
        problems.push({ node: node.instance, reason: (error as Error).message, todo })
        return undefined
      }),
    ),
  )
  if (problems.length > 0) throw new Forbids(problems)
  return facts.filter((one) => one !== undefined)
}

async function readCluster(
  spec: WarmupSpec,
  context: PlanContext,
  { source, clientName }: SourceOptions,
  targets: readonly NodeFacts[],
  estimator: Estimator,
): Promise<SourceReadout> {
  const { name, type } = spec.source as Extract<WarmupSpec['source'], { name: string }>
  if (!source) {
    const where = type === 'redis' ? 'warmup.sources' : 'clusters'
    throw new Forbids([
      { reason: `no source is called ${name}`, todo: `name one of ${where} of the configuration` },
    ])
  }
  await source.refresh()
  if (!source.reading || source.errors.length > 0) {
    const reason = `source ${name} does not answer: ${source.errors.join('; ')}`
    throw new Forbids([{ reason, todo: 'see that it runs and that its seeds, user and password are right' }])
  }
  const known = new Set(context.cluster.members.map(({ node }) => node.id))
  if (source.members.some(({ node }) => known.has(node.id)))
    throw new Forbids([{ reason: `${name} is ${context.cluster.name} itself`, todo: 'name another source' }])
  const { nodes, errors } = await sourceNodes(source, clientName)
  const shards = source.members.filter(({ node }) => node.role === 'primary' && node.slots.length > 0)
  if (nodes.length < shards.length || nodes.length === 0)
    throw new Forbids([
      {
        reason: `not every shard of ${name} can be read: ${errors.join('; ')}`,
        todo: 'bring these nodes back',
      },
    ])
  const transfer = transferBetween(nodes, targets, spec.restore)
  const how = {
    selection: selection(spec.select, context.keyPrefixes),
    transfer,
    maxBytes: spec.select.maxBytes,
  }
  // For the fingerprint no key need be looked at.
  const sampled = context.again ? [] : nodes
  const progress = together(
    sampled.map(({ keys }) => sampleSize(keys)),
    context.progress,
  )
  await Promise.all(
    sampled.map(async (node, i) => {
      const link = readingLink(source, node, clientName)
      const hooks = { turn: async () => context.turn?.(), progress: (looked: number) => progress(i, looked) }
      try {
        estimator.addNode(node.keys, await sampleNode(link, node.keys, { ...how, ...hooks }))
      } finally {
        link.close()
      }
    }),
  )
  return {
    description: describe(name, nodes),
    nodes: nodes.length,
    identity: nodes.map(({ node, primary, runId }) => [primary.id, node.id, runId]),
    transfer,
    warnings: warningsOf(nodes),
  }
}

function describe(name: string, nodes: readonly SourceNode[]): string {
  const engines = [...new Set(nodes.map(({ engine }) => `${engine.engine} ${engine.version}`))].join(', ')
  const list = nodes.map(
    ({ node, primary }) => `${node.instance} (${node === primary ? 'primary' : 'replica'})`,
  )
  return `${name}, ${engines}: read from ${list.join(', ')}; what is written there once a node is being read may be missed`
}

/** Databases of INFO keyspace besides the first; it names those that have keys. */
const OTHERS = Array.from({ length: 15 }, (_, i) => `db${i + 1}`)

function warningsOf(nodes: readonly SourceNode[]): string[] {
  const primaries = nodes.filter(({ node, primary }) => node === primary)
  const others = nodes.filter(({ info }) => OTHERS.some((db) => info.get(db) !== undefined))
  const list = (of: readonly SourceNode[]) => of.map(({ node }) => node.instance).join(', ')
  return [
    ...(primaries.length > 0
      ? [`read from the primary, for want of a replica that is up to date: ${list(primaries)}`]
      : []),
    ...(others.length > 0
      ? [`only database 0 is copied; there are keys in other databases, too: ${list(others)}`]
      : []),
  ]
}

function selectionOf(spec: WarmupSpec, { keyPrefixes }: PlanContext): Selection {
  return selection(spec.select, keyPrefixes)
}

function bodyOf(
  spec: WarmupSpec,
  source: SourceReadout,
  targets: readonly NodeFacts[],
  found: Estimate,
  there: number | undefined,
): PlanBody {
  const { keys: mostKeys = Infinity, bytes: mostBytes = Infinity } = spec.limits
  const [keys, bytes] = [Math.min(found.keys, mostKeys), Math.min(found.bytes, mostBytes)]
  const { transfer, file } = source
  const blockers = tightShards(spec, found)
  const left = Object.entries(found.left).filter(([, count]) => count > 0)
  return {
    changes: [],
    counts: {
      keys,
      bytes,
      nodes: source.nodes,
      ...(there !== undefined && { existing: there }),
      ...Object.fromEntries(left),
    },
    warnings: [...source.warnings, ...warnings(spec, found, targets, transfer)],
    ...(blockers.length > 0 && { blockers }),
    sample: found.shown.map(({ key, type, ttlMs, bytes: size }) => ({
      key: keyText(key),
      type,
      ttlSeconds: ttlMs < 0 ? null : Math.ceil(ttlMs / 1000),
      bytes: size,
    })),
    fingerprint: hashOf({
      source: source.identity,
      targets: targets.map(({ engine }) => engine),
      transfer: transfer.mode,
    }),
    estimateSeconds: estimateSeconds(keys, bytes, spec.rate),
    details: {
      source: { description: source.description },
      transfer: transfer.mode,
      why: transfer.why,
      carriesUse: transfer.heat ?? 'no',
      exact: found.exact,
      types: found.types,
      shards: found.shards,
      ...(file && { file }),
    },
  }
}

function shardOf(facts: NodeFacts, share: number, replicaLimit: ReadonlyMap<string, number>): TargetShard {
  const { node, info } = facts
  const look = memoryLook(info, hasOneTable(info))
  const limit = replicaLimit.get(node.shard) ?? Infinity
  const maxBytes = look.maxBytes === 0 ? (limit === Infinity ? 0 : limit) : Math.min(look.maxBytes, limit)
  return {
    shard: node.shard,
    node: node.instance,
    slots: new SlotSet(node.slots),
    usedBytes: look.usedBytes,
    maxBytes,
    limitBytes: fillLimit({ ...look, maxBytes }, share),
  }
}

/** A run into these never has anything evicted, but waits until there is room: whoever means that says so. */
function tightShards({ limits }: WarmupSpec, { shards }: Estimate): Blocker[] {
  return shards
    .filter(({ fits }) => !fits)
    .map(({ node }) => ({
      check: 'fits',
      node,
      reason: `what is copied does not fit below ${limits.memoryShare} of maxmemory; the run would wait for room there`,
      todo: 'select less, raise maxmemory or limits.memoryShare, or override this if room will come',
    }))
}

function warnings(
  spec: WarmupSpec,
  found: Estimate,
  targets: readonly NodeFacts[],
  transfer: Transfer,
): string[] {
  const list: string[] = []
  const evicting = targets.filter(
    ({ policy, info }) => policy !== 'noeviction' && Number(info.get('evicted_keys')) > 0,
  )
  if (evicting.length > 0)
    list.push(`the target has evicted keys before: ${evicting.map(({ node }) => node.instance).join(', ')}`)
  const { unsupported, tooBig } = found.left
  if (transfer.mode === 'typed' && unsupported > 0)
    list.push(
      `about ${count(unsupported)} streams or values of modules are left out: they cannot be written by type`,
    )
  if (transfer.mode === 'typed' && transfer.fieldTtls)
    list.push('hashes of which a field has a TTL are left out: written by type they would lose it')
  if (tooBig > 0)
    list.push(`about ${count(tooBig)} keys are larger than the limit (select.maxBytes) and are left out`)
  if (found.keys > 0 && found.withoutTtl > 0 && spec.ttl.maxSeconds === undefined) {
    const percent = Math.max(1, Math.round((found.withoutTtl / found.keys) * 100))
    list.push(
      `${percent} % of the keys have no TTL and stay until they are deleted or evicted; a longest TTL (ttl.maxSeconds) would give them one`,
    )
  }
  if (found.keys === 0) list.push('nothing is selected: the run would copy no key')
  if (!found.exact) list.push('counts and bytes are estimated from a sample of the keys')
  return list
}
