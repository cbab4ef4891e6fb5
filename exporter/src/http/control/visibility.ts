import { TYPE_PREFIX, type StoredEvent } from '../../contract/events.js'
import type { Operation, Plan } from '../../contract/operations.js'
import type { Scope } from '../../contract/tokens.js'
import type { Operations } from '../../operations/operations.js'
import { maySee, mustHold } from './access.js'
import type { WatchedCluster } from './context.js'
import { Refusal } from './problem.js'
import type { Principal } from './tokens.js'

/** Plans that are remembered from their events, before the engine knows them. */
const MOST_REMEMBERED = 1000

/**
 * What a token may see. What belongs to another cluster answers exactly as what does not exist.
 *
 * An event belongs to the cluster in the name of its stream (`cluster/`, `admission/`); one of an operation to the
 * cluster of its plan. All others (`access/`, `control`, `digest`) belong to none: only tokens without a limit to
 * clusters see them. The sample of a plan, in `plan.ready` too, is shown only to who holds the kind's scope.
 */
export class Visibility {
  readonly #plans = new Map<string, { kind: string; cluster: string }>()

  constructor(
    private readonly clusters: readonly WatchedCluster[],
    private readonly operations: Operations,
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

  showPlan(principal: Principal, plan: Plan): Plan & { sampleWithheld?: true } {
    if (!plan.sample || this.#holdsKind(principal, plan.kind)) return plan
    return { ...plan, sample: [], sampleWithheld: true }
  }

  /** The event as this principal may see it; undefined: not at all, or it is not of the cluster asked for. */
  showEvent(principal: Principal, event: StoredEvent, only?: string): StoredEvent | undefined {
    this.#remember(event)
    const cluster = this.#clusterOf(event)
    if (!maySee(principal, cluster) || (only !== undefined && cluster !== only)) return undefined
    if (event.type !== `${TYPE_PREFIX}plan.ready`) return event
    const kind = this.#planOf(event)?.kind
    if (kind !== undefined && this.#holdsKind(principal, kind)) return event
    const data = event.data as { body: object }
    return { ...event, data: { ...data, body: { ...data.body, sample: [] } } }
  }

  #holdsKind(principal: Principal, kind: string): boolean {
    const scope = this.operations.scopeOf(kind)
    return scope !== undefined && principal.scopes.has(scope as Scope)
  }

  #clusterOf(event: StoredEvent): string | undefined {
    const [family, ...rest] = event.subject.split('/')
    if (family === 'cluster' || family === 'admission') return rest.join('/')
    return family === 'operation' ? this.#planOf(event)?.cluster : undefined
  }

  #planOf({ subject }: StoredEvent): { kind: string; cluster: string } | undefined {
    const id = subject.slice('operation/'.length)
    return this.operations.getPlan(id) ?? this.#plans.get(id)
  }

  /** The log may tell of a plan before the engine has it. */
  #remember({ type, subject, data }: StoredEvent): void {
    if (type !== `${TYPE_PREFIX}plan.requested`) return
    this.#plans.set(subject.slice('operation/'.length), data as { kind: string; cluster: string })
    if (this.#plans.size > MOST_REMEMBERED) this.#plans.delete(this.#plans.keys().next().value!)
  }
}
