import { Redis } from 'ioredis'
import { infoField } from '../redis-cluster.js'

/**
 * Makes sure that a cluster somebody else runs is there before it is watched.
 * @throws an error of one line, without the URL's password, when its seed does not answer or has no cluster mode
 */
export async function assertClusterAnswers(url: string): Promise<void> {
  const { host } = new URL(url)
  let cause: Error | undefined
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5000,
    commandTimeout: 5000,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    retryStrategy: () => null,
  })
  redis.on('error', (error: Error) => (cause ??= error))
  try {
    await redis.connect()
    const info = String(await redis.call('CLUSTER', 'INFO'))
    if (infoField(info, 'cluster_state') === undefined)
      throw new Error(`CLUSTER INFO said ${info.slice(0, 80)}`)
  } catch (error) {
    const { message } = cause ?? (error as Error)
    throw new Error(`the cluster at ${host} ${inWords(message)}`, { cause: error })
  } finally {
    redis.disconnect()
  }
}

function inWords(message: string): string {
  if (/cluster support disabled/i.test(message))
    return 'is a node without cluster mode: name a node of a Redis Cluster'
  if (/NOAUTH|WRONGPASS/.test(message))
    return `wants a password, or another one: --redis redis://user:password@host:port (${message})`
  return `does not answer: ${message}; is it running, and is the address right?`
}
