/** The preview host, in this process, as what the browser tests run against. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePorts } from '../../../stack/src/ports.js'
import { createPreviewServer } from '../../../stack/src/preview/server.js'
import { repoRoot } from '../../../stack/src/servers.js'
import type { Stack } from './stack.js'
import type { Target } from './target.js'

export async function previewTarget(stack: Stack): Promise<Target> {
  const [port] = (await freePorts(1)) as [number]
  const key = randomBytes(32).toString('base64url')
  const { read, plan, run } = stack.tokens
  const server = createPreviewServer({
    port,
    key,
    pluginDir: join(repoRoot, 'grafana-app/dist'),
    hostDir: join(repoRoot, 'grafana-app/preview/dist'),
    prometheusUrl: stack.prometheus.url,
    settings: {
      jsonData: { apiUrl: stack.exporter.controlUrl },
      secureJsonData: { readToken: read, planToken: plan, runToken: run },
    },
    log: () => undefined,
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    // zod, which Grafana's packages bring, tries whether it may compile; the host's policy says no
    noise: [/'script-src' was not explicitly set/],
    async enter(context, role) {
      await context.request.get(`${url}/?key=${key}`)
      const answer = await context.request.post(`${url}/preview/role`, {
        data: { role },
        headers: { origin: url },
      })
      if (!answer.ok()) throw new Error(`the preview host answers ${answer.status()}: ${await answer.text()}`)
    },
    panelPath: (_, cluster) => `/d/preview-panels?var-cluster=${cluster}`,
  }
}
