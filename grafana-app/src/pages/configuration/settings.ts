import type { AppPluginMeta } from '@grafana/data'
import { getBackendSrv } from '@grafana/runtime'
import { lastValueFrom } from 'rxjs'
import { PLUGIN_ID, TOKENS, type AppSettings, type TokenUse } from '../../app/settings'

export interface Draft {
  readonly apiUrl: string
  readonly prometheusUid: string
  /** Tokens that were typed; one that is set and not typed anew stays as it is. */
  readonly tokens: Readonly<Partial<Record<TokenUse, string>>>
}

/** Why the address can't be used; empty when it can. */
export function addressProblem(apiUrl: string): string {
  if (apiUrl === '') return 'Give the address of the exporter’s control API.'
  if (!URL.canParse(apiUrl)) return 'This is no URL; it looks like http://exporter:8121.'
  const { protocol, pathname, search, username } = new URL(apiUrl)
  if (protocol !== 'http:' && protocol !== 'https:') return 'Use http:// or https://.'
  if (username !== '') return 'No user or password in the address; tokens have their own fields.'
  if (pathname.replace(/\/$/, '').endsWith('/api/v1')) return 'Leave out /api/v1; the plugin adds it.'
  return search === '' ? '' : 'Leave out the query.'
}

/** What Grafana is asked to keep. Of secrets only those that were typed: the others stay. */
export function settingsOf(
  { apiUrl, prometheusUid, tokens }: Draft,
  { enabled, pinned, jsonData }: AppPluginMeta<AppSettings>,
) {
  const typed = TOKENS.flatMap((use) => {
    const token = tokens[use]?.trim() ?? ''
    return token === '' ? [] : [[`${use}Token`, token] as const]
  })
  return {
    enabled: enabled ?? true,
    pinned: pinned ?? true,
    jsonData: { ...jsonData, apiUrl: apiUrl.trim().replace(/\/+$/, ''), prometheusUid },
    ...(typed.length > 0 && { secureJsonData: Object.fromEntries(typed) }),
  }
}

export async function save(draft: Draft, meta: AppPluginMeta<AppSettings>): Promise<void> {
  await lastValueFrom(
    getBackendSrv().fetch({
      method: 'POST',
      url: `/api/plugins/${PLUGIN_ID}/settings`,
      data: settingsOf(draft, meta),
      showErrorAlert: false,
    }),
  )
}
