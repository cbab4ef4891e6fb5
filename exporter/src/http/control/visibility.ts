import { TYPE_PREFIX, type StoredEvent } from '../../contract/events.js'
import type { Operation, Plan } from '../../contract/operations.js'
import type { Scope } from '../../contract/tokens.js'
import { withoutReason } from '../../operations/frozen.js'
import { OperationError, type Operations } from '../../operations/operations.js'
import { FROZEN } from '../../operations/record.js'
import { maySee, mustHold } from './access.js'
import type { WatchedCluster } from './context.js'
import { Refusal } from './problem.js'
import type { Principal } from './tokens.js'

type SeenPlan = Pick<Plan, 'kind' | 'cluster' | 'keyPrefixes' | 'spec'>

/** Plans that are remembered from their events, before the engine knows them. */
const MOST_REMEMBERED = 1000

/** Events that name keys, without them. */
const HIDING: Readonly<Record<string, (data: unknown) => object>> = {
  'plan.ready': (data) => {
    const ready = data as { body: object }
    return { ...ready, body: { ...ready.body, sample: [] } }
  },
  'operation.compared': (data) => ({ ...(data as object), examples: [] }),
}

/**
 * What a token may see. What belongs to another cluster answers exactly as what does not exist.
 *
 * An event belongs to the cluster in the name of its stream (`cluster/`, `admission/`, `alerts/`); one of an operation
 * to the cluster of its plan. All others (`access/`, `control`, `digest`) belong to none: only tokens without a limit to
 * clusters see them. Names of keys (the sample of a plan, the examples of a comparison, in their events too) are shown only
 * to who holds the kind's scope, is not limited to other keys, and may see what they were read from. Who froze all clusters,
 * and why, is shown only to tokens without a limit to clusters, wherever it stands.
 */
export class Visibility {
  readonly #plans = new Map<string, SeenPlan>()

  constructor(
    private readonly clusters: readonly WatchedCluster[],
    private readonly operations: Operations,
    /** Names of what a spec may read from besides clusters. */
    private readonly sources: readonly string[],
  ) {}

  clustersOf(principal: Principal): WatchedCluster[] {
    return this.clusters.filter(({ name }) => maySee(principal, name))
  }

  /** @throws Refusal */
  cluster(principal: Principal, name: string): WatchedCluster {
    const cluster = this.clusters.find((candidate) => candidate.name === name)
    if (cluster && maySee(principal, name)) return cluster
    throw new Refusal(
      'unknown-cluster',
      'no cluster has this name, or this token may not see it; GET /api/v1/clusters lists those that it may',
      {},
      principal.clusters !== undefined,
    )
  }

  /** @throws Refusal */
  plan(principal: Principal, id: string): Plan {
    const plan = this.operations.getPlan(id)
    if (plan && maySee(principal, plan.cluster)) return plan
    throw new Refusal(
      'unknown-plan',
      'no plan has this id, or this token may not see its cluster',
      {},
      !!plan,
    )
  }

  /** @throws Refusal */
  operation(principal: Principal, id: string): Operation {
    const operation = this.operations.getOperation(id)
    if (operation && maySee(principal, operation.cluster)) return operation
    throw new Refusal(
      'unknown-operation',
      'no operation has this id, or this token may not see its cluster',
      {},
      !!operation,
    )
  }

  /** @throws Refusal where the kind is known and its scope missing */
  mustHoldKind(principal: Principal, kind: string): void {
    const scope = this.operations.scopeOf(kind)
    if (scope !== undefined) mustHold(principal, scope as Scope)
  }

  /**
   * What a spec reads from must be there for the token as the cluster itself must.
   * @throws Refusal the same whether it is not there or not to be seen
   */
  mustSeeSources(principal: Principal, kind: string, spec: unknown): void {
    const known = [...this.clusters.map(({ name }) => name), ...this.sources]
    for (const name of this.operations.readsFrom(kind, spec)) {
      if (known.includes(name) && maySee(principal, name)) continue
      const message = `no cluster and no source is called ${name}, or this token may not see it`
      throw new Refusal('invalid-spec', message, {}, known.includes(name))
    }
  }

  /**
   * A token that is limited to keys commands only what is limited to them, too.
   * @throws Refusal
   */
  mustCoverKeys(principal: Principal, plan: Pick<Plan, 'keyPrefixes'>): void {
    if (coversKeys(principal, plan)) return
    throw new Refusal(
      'limited-keys',
      `the token ${principal.id} is limited to keys that start with one of ${principal.keyPrefixes!.join(', ')}; ` +
        'this plan was made for other keys',
    )
  }

  showPlan(principal: Principal, plan: Plan): Plan & { sampleWithheld?: true } {
    if (!plan.sample || this.#seesKeys(principal, plan)) return plan
    return { ...plan, sample: [], sampleWithheld: true }
  }

  showOperation(principal: Principal, operation: Operation): Operation {
    const { comparison, id } = operation
    const gates = principal.clusters ? operation.gates.map(withoutReason) : operation.gates
    if (!comparison) return { ...operation, gates }
    const plan = this.operations.getPlan(id)
    if (plan && this.#seesKeys(principal, plan)) return { ...operation, gates }
    return { ...operation, gates, comparison: { ...comparison, examples: [] } }
  }

  /** Why a command is refused. */
  showRefusal(principal: Principal, error: OperationError): OperationError {
    if (error.code !== 'frozen' || !principal.clusters) return error
    return new OperationError(error.code, withoutReason(error.message), error.details)
  }

  /** The event as this principal may see it; undefined: not at all, or it is not of the cluster asked for. */
  showEvent(principal: Principal, event: StoredEvent, only?: string): StoredEvent | undefined {
    this.#remember(event)
    const cluster = this.#clusterOf(event)
    if (!maySee(principal, cluster) || (only !== undefined && cluster !== only)) return undefined
    if (principal.clusters && isOfFreeze(event)) return { ...event, data: { reason: '', gates: [FROZEN] } }
    const hide = HIDING[event.type.slice(TYPE_PREFIX.length)]
    if (!hide) return event
    const plan = this.#planOf(event)
    if (plan && this.#seesKeys(principal, plan)) return event
    return { ...event, data: hide(event.data) }
  }

  /** Whether names of keys may be shown that a plan has found. */
  #seesKeys(principal: Principal, plan: SeenPlan): boolean {
    return (
      this.#holdsKind(principal, plan.kind) &&
      coversKeys(principal, plan) &&
      this.operations.readsFrom(plan.kind, plan.spec).every((name) => maySee(principal, name))
    )
  }

  #holdsKind(principal: Principal, kind: string): boolean {
    const scope = this.operations.scopeOf(kind)
    return scope !== undefined && principal.scopes.has(scope as Scope)
  }

  #clusterOf(event: StoredEvent): string | undefined {
    const [family, ...rest] = event.subject.split('/')
    if (family === 'cluster' || family === 'admission' || family === 'alerts') return rest.join('/')
    return family === 'operation' ? this.#planOf(event)?.cluster : undefined
  }

  #planOf({ subject }: StoredEvent): SeenPlan | undefined {
    const id = subject.slice('operation/'.length)
    return this.operations.getPlan(id) ?? this.#plans.get(id)
  }

  /** The log may tell of a plan before the engine has it. */
  #remember({ type, subject, data }: StoredEvent): void {
    if (type !== `${TYPE_PREFIX}plan.requested`) return
    this.#plans.set(subject.slice('operation/'.length), data as SeenPlan)
    if (this.#plans.size > MOST_REMEMBERED) this.#plans.delete(this.#plans.keys().next().value!)
  }
}

/** A run that a freeze paused. */
function isOfFreeze({ type, data }: StoredEvent): boolean {
  const { gates = [] } = data as { readonly gates?: readonly string[] }
  return type === `${TYPE_PREFIX}operation.paused` && gates.includes(FROZEN)
}

/** Bytewise: whatever the plan may touch, the token may touch. */
function coversKeys({ keyPrefixes }: Principal, plan: Pick<Plan, 'keyPrefixes'>): boolean {
  if (!keyPrefixes) return true
  const own = keyPrefixes.map((prefix) => Buffer.from(prefix))
  return (plan.keyPrefixes ?? ['']).every((wider) => {
    const bytes = Buffer.from(wider)
    return own.some((prefix) => bytes.subarray(0, prefix.length).equals(prefix))
  })
}
