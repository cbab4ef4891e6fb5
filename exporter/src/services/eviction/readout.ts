import { valuesIn, type EvictionValues } from '../../contract/kinds/eviction-policy.js'
import { OUTSIDE_ALLOW, type Cluster, type Member } from '../../redis/cluster.js'
import { replyError } from '../../redis/errors.js'
import { encodePipeline } from '../../redis/frames.js'
import { explainBlocked, isBlocked } from '../../redis/managed.js'
import { bulkOf, decode, errorOf, readInfo, type ClusterNode, type InfoFields } from '../../redis/replies.js'
import { SETTINGS_COMMANDS, settingsOf } from '../../redis/settings.js'

/** What one node says that decides about its evictions; what could not be read is absent and `error` says why. */
export interface Readout {
  readonly node: ClusterNode
  readonly values: EvictionValues
  readonly info?: InfoFields
  readonly error?: string
  /** Where CONFIG is blocked: how to do it there. */
  readonly todo?: string
}

/** INFO without an argument leaves them out. */
const COMMANDSTATS = ['INFO', 'commandstats'] as const
const SETTINGS = encodePipeline([COMMANDSTATS, ...SETTINGS_COMMANDS])
const INFO = encodePipeline([COMMANDSTATS, ['INFO']])
/** Where CONFIG is blocked it is left alone for a while: the node counts it as an error. */
const BLOCKED_MS = 3_600_000

/** Asks every node of a cluster, over the links that its readings go over. */
export class SettingsReader {
  readonly #blocked = new Map<string, { readonly message: string; readonly until: number }>()

  constructor(private readonly timeoutMs: number) {}

  read(cluster: Cluster): Promise<Readout[]> {
    const members = cluster.members.filter(({ node }) => !node.flags.includes('forgotten'))
    return Promise.all(members.map((member) => this.#read(member, cluster.seedAddresses)))
  }

  async #read({ node, reader }: Member, seeds: readonly string[]): Promise<Readout> {
    if (!reader) return { node, values: {}, error: `${node.address}: ${OUTSIDE_ALLOW}` }
    const { link } = reader
    try {
      const known = this.#blocked.get(link.address)
      const blocked = known && known.until > performance.now() ? known.message : undefined
      const [request, count] = blocked === undefined ? [SETTINGS, SETTINGS_COMMANDS.length + 1] : [INFO, 2]
      const [calls, ...frames] = await link.exchange(request, count, this.timeoutMs)
      const withCalls = (info: InfoFields): InfoFields =>
        new Map([...info, ...readInfo(bulkOf(calls!) ?? Buffer.alloc(0))])
      const infoFrame = frames.at(-1)!
      const refusedInfo = errorOf(infoFrame)
      if (refusedInfo !== undefined) throw replyError(link.address, 'INFO', refusedInfo)
      const refused = blocked ?? frames.map(errorOf).find((error) => error !== undefined)
      if (refused === undefined) {
        const { config, info } = settingsOf(frames.map((frame) => decode(frame)))
        return { node, values: valuesIn(config), info: withCalls(info) }
      }
      const info = withCalls(readInfo(bulkOf(infoFrame) ?? Buffer.alloc(0)))
      if (!isBlocked(refused)) throw replyError(link.address, 'CONFIG GET', refused)
      if (blocked === undefined)
        this.#blocked.set(link.address, { message: refused, until: performance.now() + BLOCKED_MS })
      const { todo } = explainBlocked(refused, [node.instance, node.address, ...seeds], info.get('os'))
      const { message: error } = replyError(link.address, 'CONFIG GET', refused)
      return { node, values: fromInfo(info), info, error, todo }
    } catch (error) {
      return { node, values: {}, error: (error as Error).message }
    }
  }
}

/** INFO tells the two that matter most. */
function fromInfo(info: InfoFields): EvictionValues {
  const [maxmemory, policy] = [info.get('maxmemory'), info.get('maxmemory_policy')]
  return {
    ...(maxmemory !== undefined && { maxmemory: Number(maxmemory) }),
    ...(policy !== undefined && { policy }),
  }
}

/** A number out of INFO; undefined where the node does not tell it. */
export function numberIn({ info }: Readout, name: string): number | undefined {
  const text = info?.get(name)
  const number = Number(text)
  return text === undefined || text === '' || Number.isNaN(number) ? undefined : number
}

/** `db0:keys=3,expires=1,…`, all databases together. */
export function keysIn({ info }: Readout): { keys: number; expires: number } {
  const databases = info ? [...info].flatMap(([name, text]) => (/^db\d+$/.test(name) ? [text] : [])) : []
  const sum = (pattern: RegExp) =>
    databases.reduce((total, text) => total + Number(pattern.exec(text)?.[1] ?? 0), 0)
  return { keys: sum(/keys=(\d+)/), expires: sum(/expires=(\d+)/) }
}
