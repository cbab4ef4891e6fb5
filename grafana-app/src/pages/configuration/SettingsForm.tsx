import { css } from '@emotion/css'
import type { AppPluginMeta, GrafanaTheme2 } from '@grafana/data'
import { DataSourcePicker, isFetchError } from '@grafana/runtime'
import { Alert, Button, Field, Input, SecretInput, useStyles2 } from '@grafana/ui'
import { useId, useState, type FormEvent } from 'react'
import { TOKENS, type AppSettings, type TokenUse } from '../../app/settings'
import { Section } from '../../components/Section'
import { addressProblem, save, type Draft } from './settings'

interface Props {
  readonly meta: AppPluginMeta<AppSettings>
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly unsaved: boolean
  /** Grafana has taken it. */
  readonly onSaved: () => void
}

const TOKEN_TEXT: Readonly<Record<TokenUse, { label: string; description: string }>> = {
  read: { label: 'Read token', description: 'Shows clusters, events and operations to every Viewer.' },
  plan: { label: 'Plan token', description: 'Makes plans, which touch nothing, for Editors.' },
  run: { label: 'Run token', description: 'Runs plans and steers operations, for Admins.' },
}

/** Address, tokens, data source. */
export function SettingsForm({ meta, draft, onChange, unsaved, onSaved }: Props) {
  const styles = useStyles2(getStyles)
  const id = useId()
  const [failed, setFailed] = useState('')
  const [saving, setSaving] = useState(false)
  const problem = addressProblem(draft.apiUrl.trim())

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (problem !== '') return
    setSaving(true)
    setFailed('')
    try {
      await save(draft, meta)
      onSaved()
    } catch (error) {
      const said = isFetchError<{ message?: string } | undefined>(error) ? error.data?.message : undefined
      setFailed(said ?? 'Grafana did not answer.')
      setSaving(false)
    }
  }

  return (
    <Section title="Exporter and data source">
      <form onSubmit={(event) => void submit(event)} aria-label="Settings" className={styles.form}>
        <Field
          noMargin={false}
          label="Address of the control API"
          description="As Grafana’s server reaches it, not your browser."
          invalid={draft.apiUrl !== '' && problem !== ''}
          error={problem}
        >
          <Input
            id={`${id}-url`}
            placeholder="http://exporter:8121"
            value={draft.apiUrl}
            onChange={({ currentTarget }) => onChange({ ...draft, apiUrl: currentTarget.value })}
          />
        </Field>
        {TOKENS.map((use) => (
          <Field key={use} noMargin={false} {...TOKEN_TEXT[use]}>
            <SecretInput
              id={`${id}-${use}`}
              placeholder="sw_…"
              autoComplete="off"
              isConfigured={
                draft.tokens[use] === undefined && meta.secureJsonFields?.[`${use}Token`] === true
              }
              value={draft.tokens[use] ?? ''}
              onReset={() => onChange({ ...draft, tokens: { ...draft.tokens, [use]: '' } })}
              onChange={({ currentTarget }) =>
                onChange({ ...draft, tokens: { ...draft.tokens, [use]: currentTarget.value } })
              }
            />
          </Field>
        ))}
        <Field
          noMargin={false}
          htmlFor={`${id}-prometheus`}
          label="Prometheus data source"
          description="Where the exporter’s metrics are; without a choice the default one."
        >
          <DataSourcePicker
            inputId={`${id}-prometheus`}
            type="prometheus"
            noDefault
            placeholder="The default Prometheus"
            current={draft.prometheusUid === '' ? null : draft.prometheusUid}
            onChange={({ uid }) => onChange({ ...draft, prometheusUid: uid })}
            onClear={() => onChange({ ...draft, prometheusUid: '' })}
          />
        </Field>
        {failed !== '' && (
          <Alert severity="error" title="Not saved">
            {failed}
          </Alert>
        )}
        <Button
          type="submit"
          disabled={saving || !unsaved || problem !== ''}
          icon={saving ? 'spinner' : 'save'}
        >
          Save and test
        </Button>
      </form>
    </Section>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({ form: css({ maxWidth: theme.spacing(68) }) })
