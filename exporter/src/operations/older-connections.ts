import type { Cluster } from '../redis/cluster.js'
import { NodeError } from '../redis/errors.js'

const TIMEOUT_MS = 2000

/** Name of the connections that write for an operation under a lease with this token. */
export function connectionName(operation: string, token: number): string {
  return `slotwise/${operation}/${token}`
}

/**
 * Ends the connections that earlier owners of an operation may still have, on every node: what they had sent and was
 * not taken yet will not be, and nothing comes after it. Where nothing listens there is none.
 * @param ended addresses where that was done; more are added
 * @returns why it could not be done where it was not; empty: done everywhere
 */
export async function endOlderConnections(
  cluster: Cluster,
  operation: string,
  token: number,
  ended: Set<string>,
): Promise<string[]> {
  const nodes = cluster.members
    .filter(({ reader }) => reader !== undefined)
    .map(({ node }) => node)
    .filter(({ flags, address }) => !flags.includes('forgotten') && !ended.has(address))
  const problems = await Promise.all(
    nodes.map(async ({ address, instance }) => {
      try {
        await endOn(cluster, address, operation, token)
      } catch (error) {
        if (!(error instanceof NodeError)) throw error
        if (error.kind !== 'refused')
          return `connections of the operator before cannot be ended on ${instance}: ${error.message}`
      }
      ended.add(address)
      return ''
    }),
  )
  return problems.filter((problem) => problem !== '')
}

async function endOn(cluster: Cluster, address: string, operation: string, token: number): Promise<void> {
  const link = cluster.commandLink(address, connectionName(operation, token), TIMEOUT_MS)
  try {
    await link.connect()
    for (const id of olderIds(String(await link.call('CLIENT', 'LIST')), operation, token))
      await link.call('CLIENT', 'KILL', 'ID', id)
  } finally {
    link.close()
  }
}

/** Ids of the clients in CLIENT LIST that have the name of an operation with a smaller token. */
export function olderIds(list: string, operation: string, token: number): string[] {
  const prefix = `slotwise/${operation}/`
  return list.split('\n').flatMap((line) => {
    const name = / name=(\S*)/.exec(line)?.[1] ?? ''
    const older = name.startsWith(prefix) ? name.slice(prefix.length) : ''
    const id = /^id=(\d+)/.exec(line)?.[1]
    return id !== undefined && /^\d+$/.test(older) && Number(older) < token ? [id] : []
  })
}
