import { allFamilies } from '../collectors/catalogue.js'
import { options, type Option } from '../config/options.js'

/** docs/metrics.md, made of the collectors' tables. `npx vitest run reference -u` writes it anew. */
export function metricsReference(): string {
  const rows = allFamilies.map(
    ({ name, type, help, source }) =>
      `| \`${name}\` | ${type} | ${escapeCell(help)} | ${escapeCell(source)} |`,
  )
  return `# Metrics

<!-- Generated from the collectors; do not edit. \`npx vitest run reference -u\` writes it anew. -->

Names that start with \`redis_\` are redis_exporter's and mean the same (\`--namespace\` changes the prefix); what is
deliberately different stands in [migrating-from-redis-exporter.md](migrating-from-redis-exporter.md). A family is
there when the server has its field. Any other numeric field of CLUSTER INFO that starts with \`cluster_\` passes
through as a gauge under its own name. On \`/metrics\` every sample of a node is labelled with \`redis_cluster\` and
\`instance\`; on \`/scrape\` Prometheus adds these from \`/sd\`.

\`/metrics\` and \`/metrics/fleet\` have the exporter's own \`process_*\` as well (CPU, memory, file descriptors,
start), and with \`--include-go-runtime-metrics\` \`nodejs_*\`, both as Prometheus's client for Node names them.

What is read from \`INFO latencystats\`, \`LATENCY HISTOGRAM\`, \`CONFIG GET *\` and \`CLUSTER SLOT-STATS\` is asked every
\`--scrape.slow-interval\` (60 s) and stands in between: a rate or a quantile of it needs a window of three minutes, as
\`histogram_quantile(0.99, sum by (le, cmd) (rate(redis_commands_latencies_usec_bucket[3m])))\`. Everything else is as old
as the scrape.

| family | type | meaning | source |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

/** The table of options of docs/configuration.md, between its two marks. */
export function optionsTable(): string {
  const rows = (options as readonly Option[]).map(
    ({ flag, env, file, default: standard, help }) =>
      `| \`--${flag}\` | \`${env}\` | ${file ? `\`${file.join('.')}\`` : ''} | ${standard === '' ? '' : `\`${standard}\``} | ${escapeCell(help)} |`,
  )
  return `| flag | environment | file | default | meaning |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

\`--no-collector.NAME\` is \`--collector.NAME=false\`.
`
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
