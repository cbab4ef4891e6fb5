import { randomUUID } from 'node:crypto'
import type { Operation, Plan } from '../src/contract/operations.js'
import { Engine } from '../src/operations/engine.js'
import { evictKeys } from '../src/operations/kinds/evict-keys/kind.js'
import type { Kind } from '../src/operations/kind.js'
import type { Cluster } from '../src/redis/cluster.js'
import { EngineBench } from './engine-bench.js'
import { MemoryLog } from './memory-log.js'
import { by } from './warmup.js'

/** An engine with evict-keys, and what a user does with it. */
export class EvictBench extends EngineBench {
  private constructor(
    engine: Engine,
    readonly cluster: Cluster,
  ) {
    super(engine)
  }

  static async open(
    cluster: Cluster,
    { log = new MemoryLog(), switchedAt = () => undefined as number | undefined, kinds = [] as Kind[] } = {},
  ): Promise<EvictBench> {
    await cluster.refresh()
    const engine = await Engine.open({
      log,
      clusters: [cluster],
      kinds: [evictKeys({ switchedAt }), ...kinds],
      now: () => new Date(),
      newId: randomUUID,
      logRetryMs: 10,
      planTellMs: 0,
      onError: (error) => {
        throw error
      },
    })
    engine.start()
    return new EvictBench(engine, cluster)
  }

  async plan(spec: object, keyPrefixes?: readonly string[]): Promise<Plan> {
    const asked = { cluster: this.cluster.name, kind: 'evict-keys', spec, by }
    const { id } = await this.engine.plan({ ...asked, ...(keyPrefixes && { keyPrefixes }) })
    return this.planned(id)
  }

  async start(plan: Plan, more: object = {}): Promise<string> {
    if (plan.state !== 'ready') throw new Error(`the plan is ${plan.state}: ${JSON.stringify(plan.refused)}`)
    const request = { confirm: this.cluster.name, hash: plan.hash!, reason: 'test', by }
    await this.engine.run(plan.id, { ...request, ...more })
    return plan.id
  }

  /** Plans, runs and waits for the end. */
  async evict(
    spec: object,
    { keyPrefixes, ...more }: { keyPrefixes?: readonly string[]; override?: string[] } = {},
  ): Promise<{ plan: Plan; operation: Operation }> {
    const plan = await this.plan(spec, keyPrefixes)
    return { plan, operation: await this.end(await this.start(plan, more)) }
  }
}
