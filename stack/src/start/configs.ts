/** The configuration files of a run. Pure: values in, file content out. */
import { parseDocument, stringify, isMap, isSeq } from 'yaml'

export interface PrometheusTargets {
  exporterUrl: string
  /** `host:port` */
  alertmanager: string
  /** Absolute paths; `*` in the file name. */
  ruleFiles: string[]
}

/** prometheus.yml: one job, which reads from the exporter what to scrape. */
export function prometheusConfig({ exporterUrl, alertmanager, ruleFiles }: PrometheusTargets): string {
  return stringify({
    global: { scrape_interval: '5s', scrape_timeout: '4s', evaluation_interval: '5s' },
    rule_files: ruleFiles,
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [
      {
        job_name: 'slotwise',
        honor_labels: true,
        http_sd_configs: [{ url: `${exporterUrl}/sd`, refresh_interval: '5s' }],
      },
    ],
  })
}

/** Where alerts go that Slotwise is to keep: its control API, and a file with a token of the scope `alerts`. */
export interface SlotwiseReceiver {
  url: string
  tokenFile: string
}

/**
 * The repository's alertmanager.yml with every webhook sent to one address, so that a page shows in the terminal.
 * @param source the file's content
 * @param slotwise for the receiver of this name; without it that one receives nothing
 * @throws when it has no receivers
 */
export function localAlertmanagerConfig(
  source: string,
  webhookUrl: string,
  slotwise?: SlotwiseReceiver,
): string {
  const document = parseDocument(source)
  const receivers = document.get('receivers')
  if (!isSeq(receivers)) throw new Error('alertmanager.yml has no receivers')
  for (const receiver of receivers.items) {
    const webhooks = isMap(receiver) ? receiver.get('webhook_configs') : undefined
    if (!isMap(receiver) || !isSeq(webhooks)) continue
    const ours = receiver.get('name') === 'slotwise'
    if (ours && !slotwise) receiver.delete('webhook_configs')
    for (const webhook of webhooks.items) {
      if (!isMap(webhook)) continue
      webhook.delete('url_file')
      webhook.set('url', ours ? slotwise?.url : webhookUrl)
      if (ours) webhook.setIn(['http_config', 'authorization', 'credentials_file'], slotwise?.tokenFile)
    }
  }
  return document.toString()
}
