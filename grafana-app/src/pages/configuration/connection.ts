import { TOKENS, type TokenUse } from '../../app/settings'
import { call } from '../../api/client'
import type { ClusterSummary, Scope, Whoami } from '../../api/contract'
import { ApiError, troubleOf } from '../../api/errors'
import { nodesKnown } from '../../queries/connection'
import { prometheusUid, queryNow } from '../../queries/prometheus'

export interface Finding {
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failed'
  readonly text: string
}

const KIND_SCOPES: readonly Scope[] = ['warmup', 'policy', 'evict', 'topology']

/** Asks the exporter with each of the three tokens, and the data source for a metric of ours. */
export async function testConnection(configuredUid: string | undefined): Promise<Finding[]> {
  const [version, tokens, clusters, prometheus] = await Promise.all([
    testVersion(),
    Promise.all(TOKENS.map(testToken)),
    testClusters(),
    testPrometheus(configuredUid),
  ])
  return [version, ...tokens, clusters, prometheus]
}

async function testVersion(): Promise<Finding> {
  try {
    const { info } = await call<{ info: { version: string } }>('GET', 'api/v1/openapi.json')
    return { name: 'Exporter', status: 'ok', text: `answers; version ${info.version}` }
  } catch (error) {
    return { name: 'Exporter', status: 'failed', text: (error as Error).message }
  }
}

async function testToken(use: TokenUse): Promise<Finding> {
  const name = `${use.charAt(0).toUpperCase()}${use.slice(1)} token`
  try {
    return { name, ...judgeToken(use, await call<Whoami>('GET', `whoami/${use}`)) }
  } catch (error) {
    const text =
      troubleOf(error) === 'no-token'
        ? 'refused: no token is set, or it is unknown or has expired'
        : (error as Error).message
    return { name, status: 'failed', text }
  }
}

/** Whether a token suits its use, and what it may do. */
export function judgeToken(
  use: TokenUse,
  { id, scopes, clusters, keyPrefixes, expires, delegated, readOnly }: Whoami,
): Omit<Finding, 'name'> {
  if (readOnly)
    return use === 'read'
      ? { status: 'warning', text: 'the exporter has no tokens file: everybody may read' }
      : { status: 'failed', text: 'the exporter has no tokens file, so nobody may do more than read' }
  const may = [
    `“${id}” may ${scopes.join(', ')}`,
    clusters === null ? 'on all clusters' : `on ${clusters.join(', ')}`,
    ...(keyPrefixes === null ? [] : [`only keys that start with ${keyPrefixes.join(', ')}`]),
    expires === null ? 'does not expire' : `expires ${expires.slice(0, 10)}`,
  ].join('; ')
  if (!scopes.includes(use)) return { status: 'failed', text: `${may}. It lacks the scope ${use}.` }
  if (use !== 'read' && !KIND_SCOPES.some((scope) => scopes.includes(scope)))
    return { status: 'failed', text: `${may}. It has no scope of an operation: warmup or policy.` }
  const beyond = scopes.filter((scope) => scope === 'admin' || (use !== 'run' && scope === 'run'))
  if (beyond.length > 0)
    return { status: 'warning', text: `${may}. It may do more than its use needs: ${beyond.join(', ')}.` }
  if (!delegated)
    return { status: 'warning', text: `${may}. It is not delegated: events will not name Grafana’s users.` }
  return { status: 'ok', text: `${may}.` }
}

async function testClusters(): Promise<Finding> {
  const name = 'Clusters'
  try {
    const { clusters } = await call<{ clusters: ClusterSummary[] }>('GET', 'api/v1/clusters')
    return clusters.length === 0
      ? { name, status: 'warning', text: 'none is configured, or the read token may see none' }
      : { name, status: 'ok', text: clusters.map((cluster) => cluster.name).join(', ') }
  } catch (error) {
    const text = error instanceof ApiError ? error.message : String(error)
    return { name, status: 'failed', text }
  }
}

async function testPrometheus(configuredUid: string | undefined): Promise<Finding> {
  const name = 'Prometheus'
  const uid = prometheusUid(configuredUid)
  if (uid === undefined) return { name, status: 'failed', text: 'there is no Prometheus data source' }
  try {
    const nodes = (await queryNow(uid, { nodes: nodesKnown() })).nodes[0]?.value ?? 0
    return nodes === 0
      ? { name, status: 'warning', text: 'answers, but has no redis_up: does it scrape the exporter?' }
      : { name, status: 'ok', text: `has figures of ${nodes} ${nodes === 1 ? 'node' : 'nodes'}` }
  } catch (error) {
    return { name, status: 'failed', text: (error as Error).message }
  }
}
