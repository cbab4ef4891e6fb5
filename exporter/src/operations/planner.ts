import { setTimeout } from 'node:timers/promises'
import type { EventData, NewEvent } from '../contract/events.js'
import type { PlanBody, Problem } from '../contract/operations.js'
import type { Cluster } from '../redis/cluster.js'
import type { OperationRecord } from './record.js'
import { hashOf } from './hash.js'
import type { Kind, PlanContext, PlanOutcome } from './kind.js'
import { OperationError, type PlanRequest } from './operations.js'

export interface PlannerOptions {
  readonly clusters: readonly Cluster[]
  readonly kinds: readonly Kind[]
  readonly now: () => Date
  /** How long a plan may be run after it was made; a quarter of an hour unless given. */
  readonly planValidMs?: number
}

/** What a plan is made of. */
export type Asked = Pick<OperationRecord, 'id' | 'kind' | 'cluster' | 'spec' | 'keyPrefixes'>

/** How it is looked; see PlanContext. */
export type Looking = Pick<PlanContext, 'again' | 'progress' | 'turn'>

const FIFTEEN_MINUTES_MS = 15 * 60_000
const FIRST_READING_MS = 5000
/** Of a spec, that are told; each no longer than this. */
const MOST_PROBLEMS = 20
/** Room for the names of every parameter. */
const LONGEST_PROBLEM = 300

/** Knows clusters and kinds, and has plans made. */
export class Planner {
  constructor(private readonly options: PlannerOptions) {}

  cluster(name: string): Cluster | undefined {
    return this.options.clusters.find((cluster) => cluster.name === name)
  }

  kind(name: string): Kind | undefined {
    return this.options.kinds.find((kind) => kind.name === name)
  }

  /** @throws OperationError one of the two is not there */
  find(clusterName: string, kindName: string): { cluster: Cluster; kind: Kind } {
    const cluster = this.cluster(clusterName)
    const kind = this.kind(kindName)
    if (!cluster) throw new OperationError('unknown-cluster', `no cluster is called ${clusterName}`)
    if (!kind) {
      const names = this.options.kinds.map(({ name }) => name).join(', ')
      throw new OperationError('unknown-kind', `no kind is called ${kindName}; there are ${names}`)
    }
    return { cluster, kind }
  }

  /**
   * What is asked for, with its defaults, so that another version's defaults do not change what was planned.
   * @throws OperationError it cannot be planned
   */
  asked({ cluster, kind: name, spec, by, keyPrefixes }: PlanRequest): EventData<'plan.requested'> {
    const { kind } = this.find(cluster, name)
    if (keyPrefixes && !kind.bindsKeys)
      throw new OperationError(
        'limited-keys',
        `${name} touches more than the keys that the token is limited to; use a token without key prefixes`,
      )
    const parsed = kind.spec.safeParse(spec)
    if (parsed.success) {
      const prefixes = keyPrefixes && { keyPrefixes: [...keyPrefixes] }
      return { kind: name, cluster, spec: parsed.data, by, ...prefixes }
    }
    const problems = parsed.error.issues
      .slice(0, MOST_PROBLEMS)
      .map(({ path, message }) => ({ field: cut(path.join('.')), message: cut(message) }))
    const told = problems.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ')
    throw new OperationError('invalid-spec', told, { problems })
  }

  /**
   * Has the kind look. Never throws: what fails is a reason in the plan.
   */
  async look(
    { id, kind: kindName, cluster: clusterName, spec, keyPrefixes }: Asked,
    how: Looking = {},
  ): Promise<PlanOutcome> {
    try {
      const { kind, cluster } = this.find(clusterName, kindName)
      await read(cluster)
      return await kind.plan(kind.spec.parse(spec), {
        id,
        cluster,
        ...(keyPrefixes && { keyPrefixes }),
        ...how,
      })
    } catch (error) {
      const reason = `planning failed: ${(error as Error).message}`
      return { problems: [{ reason, todo: 'mend that and plan again' }] }
    }
  }

  /** What came of looking, as an event. */
  told({ kind, cluster, spec, keyPrefixes }: Asked, outcome: PlanOutcome): NewEvent {
    if ('problems' in outcome) return { type: 'plan.refused', data: { problems: [...outcome.problems] } }
    const { body } = outcome
    const validMs = this.options.planValidMs ?? FIFTEEN_MINUTES_MS
    const expiresAt = new Date(this.options.now().getTime() + validMs).toISOString()
    const hash = hashOf({ kind, cluster, spec, body, ...(keyPrefixes && { keyPrefixes }) })
    return { type: 'plan.ready', data: { hash, body, expiresAt } }
  }
}

function cut(text: string): string {
  return text.length > LONGEST_PROBLEM ? `${text.slice(0, LONGEST_PROBLEM)}…` : text
}

/** After a start the nodes have to be found first; gives up after a while, and then there are none. */
async function read(cluster: Cluster): Promise<void> {
  const until = performance.now() + FIRST_READING_MS
  while (!cluster.reading && performance.now() < until) await setTimeout(50)
}

/** What keeps a plan from being run as it was made; empty when it still holds. */
export function staleness(old: PlanBody, outcome: PlanOutcome): string[] {
  if ('problems' in outcome) return outcome.problems.map(tellProblem)
  const { body } = outcome
  const known = new Set(old.blockers?.map(({ check }) => check))
  // What nobody was shown nobody has overridden.
  const blockers = (body.blockers ?? []).filter(({ check }) => !known.has(check))
  return [
    ...(body.fingerprint === old.fingerprint ? [] : differences(old, body)),
    ...blockers.map((blocker) => `${blocker.check}: ${tellProblem(blocker)}`),
  ]
}

function differences(before: PlanBody, after: PlanBody): string[] {
  const key = ({ node, parameter, from }: PlanBody['changes'][number]) => `${node}: ${parameter} is ${from}`
  const [old, fresh] = [before.changes.map(key), after.changes.map(key)]
  const lines = [
    ...fresh.filter((line) => !old.includes(line)),
    ...old.filter((line) => !fresh.includes(line)).map((line) => `no longer: ${line}`),
  ]
  return lines.length > 0 ? lines : ['the nodes of the cluster have changed']
}

function tellProblem({ node, reason }: Problem): string {
  return node === undefined ? reason : `${node}: ${reason}`
}
