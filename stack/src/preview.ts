/** The preview host of the Grafana app, in this process: for `npm start`, the browser tests, screenshots. */
import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { createPreviewServer } from './preview/server.js'
import { repoRoot } from './servers.js'

export interface PreviewOptions {
  port: number
  /** The control API's listener, e.g. http://127.0.0.1:8121. */
  apiUrl: string
  /** The plugin's tokens; none where the API is read-only for everybody. */
  tokens: { read?: string; plan?: string; run?: string }
  prometheusUrl: string
  /** The access key; a new one unless given. */
  key?: string
  /** One line a request goes to the end of this file. */
  logFile?: string
}

export interface Preview {
  /** http://127.0.0.1:<port> */
  readonly url: string
  /** The address that lets a browser in. */
  readonly keyUrl: string
  readonly key: string
  stop(): Promise<void>
}

const KEY_BYTES = 24

/**
 * Serves the built plugin on 127.0.0.1.
 * @throws an error of one line when plugin or host are not built, or the port is taken
 */
export async function startPreview(options: PreviewOptions): Promise<Preview> {
  const { port, apiUrl, tokens, prometheusUrl, logFile } = options
  const { key = randomBytes(KEY_BYTES).toString('base64url') } = options
  const pluginDir = join(repoRoot, 'grafana-app/dist')
  const hostDir = join(repoRoot, 'grafana-app/preview/dist')
  for (const file of [join(pluginDir, 'plugin.json'), join(hostDir, 'build/host.js')])
    if (!existsSync(file)) throw new Error(`${file} is not there: run \`npm run setup\`, which builds it`)

  const secrets = Object.entries(tokens).map(([use, token]): [string, string] => [`${use}Token`, token])
  const server = createPreviewServer({
    port,
    key,
    pluginDir,
    hostDir,
    prometheusUrl,
    settings: { jsonData: { apiUrl }, secureJsonData: Object.fromEntries(secrets) },
    log: (line) => {
      if (logFile !== undefined) appendFileSync(logFile, `${line}\n`)
    },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new Error(`the preview host cannot listen on 127.0.0.1:${port}: ${error.message}`, { cause: error }),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    keyUrl: `${url}/?key=${key}`,
    key,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
