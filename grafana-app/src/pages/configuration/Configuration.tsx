import type { AppPluginMeta, PluginConfigPageProps } from '@grafana/data'
import { hasPermission } from '@grafana/runtime'
import { Alert } from '@grafana/ui'
import { QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { queryClient } from '../../api/queryClient'
import type { AppSettings } from '../../app/settings'
import { ConnectionTest } from './ConnectionTest'
import { Help } from './Help'
import { SettingsForm } from './SettingsForm'
import type { Draft } from './settings'

/** Set when settings were saved: the page loads anew, and then tests. */
const JUST_SAVED = 'slotwise-clusters-app:saved'

interface Props extends PluginConfigPageProps<AppPluginMeta<AppSettings>> {
  readonly reload?: () => void
}

/** Where the exporter is, with which tokens, and whether all of it works. */
export function Configuration({ plugin: { meta }, reload = () => location.reload() }: Props) {
  const saved: Draft = {
    apiUrl: meta.jsonData?.apiUrl ?? '',
    prometheusUid: meta.jsonData?.prometheusUid ?? '',
    tokens: {},
  }
  const [draft, setDraft] = useState(saved)
  const [justSaved] = useState(() => {
    const was = sessionStorage.getItem(JUST_SAVED) !== null
    sessionStorage.removeItem(JUST_SAVED)
    return was
  })
  if (!hasPermission('plugins:write'))
    return (
      <Alert severity="info" role="status" title="Only an administrator may configure the plugin">
        Whoever may change these settings owns the tokens. Ask an administrator of this Grafana.
      </Alert>
    )
  const unsaved =
    draft.apiUrl !== saved.apiUrl ||
    draft.prometheusUid !== saved.prometheusUid ||
    Object.values(draft.tokens).some((token) => token.trim() !== '')
  return (
    <QueryClientProvider client={queryClient}>
      <SettingsForm
        meta={meta}
        draft={draft}
        onChange={setDraft}
        unsaved={unsaved}
        onSaved={() => {
          sessionStorage.setItem(JUST_SAVED, '1')
          reload()
        }}
      />
      <ConnectionTest
        prometheusUid={saved.prometheusUid === '' ? undefined : saved.prometheusUid}
        unsaved={unsaved}
        atOnce={justSaved}
      />
      <Help apiUrl={draft.apiUrl} prometheusUid={draft.prometheusUid} />
    </QueryClientProvider>
  )
}
