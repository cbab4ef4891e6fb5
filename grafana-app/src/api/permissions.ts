import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { TokenUse } from '../app/settings'
import { call } from './client'
import type { Freeze, Scope, Whoami } from './contract'
import { ApiError } from './errors'
import { useFreeze } from './hooks'
import { keys } from './keys'

/** Tokens and roles change seldom, and every use is checked again by Grafana and by the exporter. */
const REFRESH_MS = 60_000

/** What the plugin's token for this use may do, asked through the route whose role the use needs. */
export function useWhoami(use: TokenUse): UseQueryResult<Whoami> {
  return useQuery({
    queryKey: [...keys.whoami, use],
    queryFn: () => call<Whoami>('GET', `whoami/${use}`),
    refetchInterval: REFRESH_MS,
    staleTime: REFRESH_MS / 2,
  })
}

/** The scope that each kind of operation needs besides `plan` or `run`. */
const KIND_SCOPES: Readonly<Record<string, Scope>> = {
  warmup: 'warmup',
  'eviction-policy': 'policy',
  'evict-keys': 'evict',
  failover: 'topology',
  rebalance: 'topology',
}
const ROLES: Readonly<Record<TokenUse, string>> = { read: 'Viewer', plan: 'Editor', run: 'Admin' }

export interface Permission {
  readonly allowed: boolean
  /** Why not, as a sentence for whoever wanted to; empty when allowed. */
  readonly reason: string
  /** Not known yet: not allowed, for now. */
  readonly pending: boolean
}

export interface Wanted {
  readonly use: TokenUse
  /** Of operation, e.g. `warmup`. */
  readonly kind?: string
  readonly cluster?: string
  /** Needed besides. */
  readonly scope?: Scope
}

const ALLOWED: Permission = { allowed: true, reason: '', pending: false }
const no = (reason: string): Permission => ({ allowed: false, reason, pending: false })

/** Whether this may be done, as far as can be known beforehand. */
export function judge(
  { use, kind, cluster, scope: more }: Wanted,
  { data, error }: { data?: Whoami | undefined; error?: Error | null },
  freeze?: Freeze,
): Permission {
  if (error) return no(whyNot(use, error))
  if (!data) return { allowed: false, reason: 'Asking what you may do…', pending: true }
  if (data.readOnly && use !== 'read')
    return no('The control API is read-only: the exporter has no tokens file (--control.tokens-file).')
  const scope = kind === undefined ? undefined : (KIND_SCOPES[kind] ?? (kind as Scope))
  const needed = [use, ...(use === 'read' ? [] : [scope]), more].filter((one) => one !== undefined)
  const lacking = needed.filter((one) => !data.scopes.includes(one))
  if (lacking.length > 0)
    return no(`The plugin’s ${use} token “${data.id}” lacks the scope ${lacking.join(' and ')}.`)
  if (cluster !== undefined && data.clusters !== null && !data.clusters.includes(cluster))
    return no(`The plugin’s ${use} token “${data.id}” is not for the cluster ${cluster}.`)
  if (use === 'run' && freeze?.on)
    return no(`Operations are frozen${freeze.reason === '' ? '' : `: ${freeze.reason}`}.`)
  return ALLOWED
}

function whyNot(use: TokenUse, error: Error): string {
  if (!(error instanceof ApiError)) return error.message
  if (error.code === 'unauthenticated')
    return `The plugin has no valid ${use} token. An administrator sets it in the plugin’s configuration.`
  if (error.status === 403 && error.code === '')
    return `Your role in Grafana does not allow this: it needs ${ROLES[use]}, or the permission slotwise-clusters-app:${use}.`
  return error.message
}

/** What the user may do here: read, plan and run operations of a kind on a cluster, and override what blocks a run. */
export function usePermissions(
  about: Omit<Wanted, 'use'> = {},
): Readonly<Record<TokenUse | 'override', Permission>> {
  const read = useWhoami('read')
  const plan = useWhoami('plan')
  const run = useWhoami('run')
  const { data: freeze } = useFreeze()
  return {
    read: judge({ use: 'read', ...about }, read),
    plan: judge({ use: 'plan', ...about }, plan),
    run: judge({ use: 'run', ...about }, run, freeze),
    override: judge({ use: 'run', ...about, scope: 'override' }, run, freeze),
  }
}
