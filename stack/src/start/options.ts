import { Command, InvalidArgumentError } from 'commander'

/** What `npm start` was asked for. */
export interface StartOptions {
  /** The seed of a cluster to watch; without one a cluster is started. */
  redis?: string
  /** Whether that cluster may be changed; our own always may. */
  allowControl: boolean
  redisPort: number
  exporterPort: number
  controlPort: number
  prometheusPort: number
  alertmanagerPort: number
  previewPort: number
}

/** Reads the command line. Bad usage ends the process with one line and exit code 2. */
export function parseOptions(argv: readonly string[]): StartOptions {
  const command = new Command('npm start --')
    .description(
      'Starts two Redis Clusters (one full, one cold), the exporter with its control API, Prometheus, Alertmanager and the Grafana app on this machine (127.0.0.1).',
    )
    .option(
      '--redis <url>',
      'watch this cluster (redis://[user:password@]host:port) and start none',
      redisUrl,
    )
    .option(
      '--allow-control',
      'the control API may change the cluster of --redis, which it else only reads',
      false,
    )
    .option(
      '--redis-port <port>',
      'first of the ports of the clusters: six from here, six from 10 further; their buses take these plus 10000, or less 10000 from 22753 on',
      port(55_520),
      7000,
    )
    .option('--exporter-port <port>', "the exporter's port", port(65_535), 9121)
    .option('--control-port <port>', "the control API's port", port(65_535), 8121)
    .option('--prometheus-port <port>', "Prometheus's port", port(65_535), 9090)
    .option('--alertmanager-port <port>', "Alertmanager's port", port(65_535), 9093)
    .option('--preview-port <port>', 'the port of the Grafana app in the preview host', port(65_535), 3000)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .parse(argv, { from: 'user' })
  return command.opts<StartOptions>()
}

function port(highest: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= 1 && value <= highest) return value
    throw new InvalidArgumentError(`It must be a port from 1 to ${highest}.`)
  }
}

function redisUrl(text: string): string {
  if (URL.canParse(text)) {
    const { protocol, hostname } = new URL(text)
    if (/^rediss?:$/.test(protocol) && hostname !== '') return text
  }
  throw new InvalidArgumentError('It must look like redis://host:port or rediss://host:port.')
}
