import { Stack, TextLink } from '@grafana/ui'
import { PLUGIN_ID, TOKENS, type TokenUse } from '../../app/settings'
import { CopyText } from '../../components/CopyText'
import { Section } from '../../components/Section'

/** What each token needs, and no more: a token that leaks does what its scopes allow. */
const SCOPES: Readonly<Record<TokenUse, string>> = {
  read: 'read',
  plan: 'read,plan,warmup,policy,evict',
  run: 'read,run,warmup,policy,evict',
}

export const tokenCommand = (use: TokenUse) =>
  `slotwise token new --file tokens.yml --id grafana-${use} --scopes ${SCOPES[use]} --delegated`

export function provisioning(apiUrl: string, prometheusUid: string): string {
  return `apiVersion: 1
apps:
  - type: ${PLUGIN_ID}
    disabled: false
    jsonData:
      apiUrl: ${JSON.stringify(apiUrl === '' ? 'http://exporter:8121' : apiUrl)}
      prometheusUid: ${JSON.stringify(prometheusUid)}
    secureJsonData:
      readToken: $SLOTWISE_READ_TOKEN
      planToken: $SLOTWISE_PLAN_TOKEN
      runToken: $SLOTWISE_RUN_TOKEN
`
}

interface Props {
  readonly apiUrl: string
  readonly prometheusUid: string
}

/** How to make tokens, and the same settings as a file. */
export function Help({ apiUrl, prometheusUid }: Props) {
  return (
    <>
      <Section title="Make the tokens">
        <p>
          Run these where the exporter’s tokens file is. Each prints its token once; the file keeps only
          hashes. All users of this Grafana share these tokens, so keep their scopes narrow; --clusters limits
          one to some clusters. With --delegated, events name Grafana’s user besides the token. Sample keys of
          plans are read with the plan token, so Viewers do not see them. To override here what blocks a plan,
          the run token needs the scope override besides; without it, <code>slotwise run --override</code>{' '}
          does so with a token of one’s own.
        </p>
        <Stack direction="column" gap={1}>
          {TOKENS.map((use) => (
            <CopyText key={use} label={`Command for the ${use} token`} text={tokenCommand(use)} />
          ))}
        </Stack>
      </Section>
      <Section title="The same as a file">
        <p>
          Save this below Grafana’s <code>provisioning/plugins/</code> and set the tokens in its environment.{' '}
          <TextLink
            external
            href="https://grafana.com/docs/grafana/latest/administration/provisioning/#plugins"
          >
            Provisioning of plugins
          </TextLink>
        </p>
        <CopyText label="Provisioning file" text={provisioning(apiUrl, prometheusUid)} />
      </Section>
    </>
  )
}
