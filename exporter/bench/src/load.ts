import { parseEndpoint } from '../../dist/redis/endpoint.js'
import { encodePipeline } from '../../dist/redis/frames.js'
import { RawLink } from '../../dist/redis/raw-link.js'

/** What a busy application does; to a replica or for a slot of another node it is an error, which counts too. */
const WORK = [
  ['SET', 'bench:string', 'value', 'EX', '1000'],
  ['GET', 'bench:string'],
  ['INCR', 'bench:counter'],
  ['HSET', 'bench:hash', 'field', 'value'],
  ['HGETALL', 'bench:hash'],
  ['LPUSH', 'bench:list', 'value'],
  ['RPOP', 'bench:list'],
  ['SADD', 'bench:set', 'member'],
  ['ZADD', 'bench:sorted', '1', 'member'],
  ['ZRANGE', 'bench:sorted', '0', '-1'],
  ['EXPIRE', 'bench:hash', '1000'],
  ['DEL', 'bench:counter'],
]
/** What has run on a node that has been used for a while: every command that ran is in commandstats. */
const PAST = `mset mget append strlen getrange setrange getdel getex incrby decr exists type ttl pttl persist unlink
  hget hset hmget hdel hlen hkeys hvals hincrby hexists lpop rpush lrange llen ltrim lindex srem smembers scard
  sismember spop zrem zscore zcard zrank zincrby zcount zrangebyscore xadd xlen xrange pfadd pfcount publish
  eval script|load scan object|encoding client|list config|get memory|usage slowlog|len ping echo`
const CPU = encodePipeline([['INFO', 'cpu']])
const TIMEOUT_MS = 5000

/** A connection to every node of a real cluster, to make them work and to ask what CPU they used. */
export class Load {
  readonly #links: RawLink[]

  constructor(addresses: readonly string[]) {
    this.#links = addresses.map((address) => new RawLink(parseEndpoint(address)))
  }

  /** Makes every node run a dozen commands, so that its counters move. */
  work(): Promise<void> {
    return this.#run(WORK)
  }

  /** Makes nodes look used: as many commands in their statistics as an application leaves there. */
  prepare(): Promise<void> {
    return this.#run(PAST.split(/\s+/).map((command) => [...command.split('|'), 'bench:past', '1', '1']))
  }

  async #run(commands: readonly string[][]): Promise<void> {
    const pipeline = encodePipeline(commands)
    await Promise.all(this.#links.map((link) => link.exchange(pipeline, commands.length, TIMEOUT_MS)))
  }

  /** CPU that all nodes have used since they started, user and system; seconds. */
  async cpuSeconds(): Promise<number> {
    const used = await Promise.all(
      this.#links.map(async (link) => {
        const [reply] = await link.exchange(CPU, 1, TIMEOUT_MS)
        const fields = reply!.toString().matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)
        return [...fields].reduce((sum, [, seconds]) => sum + Number(seconds), 0)
      }),
    )
    return used.reduce((sum, seconds) => sum + seconds, 0)
  }

  close(): void {
    for (const link of this.#links) link.close()
  }
}
