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

/**
 * The repository's alertmanager.yml with every webhook sent to one address, so that a page shows in the terminal.
 * @param source the file's content
 * @throws when it has no receivers
 */
export function localAlertmanagerConfig(source: string, webhookUrl: string): string {
  const document = parseDocument(source)
  const receivers = document.get('receivers')
  if (!isSeq(receivers)) throw new Error('alertmanager.yml has no receivers')
  for (const receiver of receivers.items) {
    const webhooks = isMap(receiver) ? receiver.get('webhook_configs') : undefined
    if (!isSeq(webhooks)) continue
    for (const webhook of webhooks.items) {
      if (!isMap(webhook)) continue
      webhook.delete('url_file')
      webhook.set('url', webhookUrl)
    }
  }
  return document.toString()
}
