import type { Boot, BootPlugin } from './boot.js'
import { actionsOf, ROLES, type Manifest } from './manifest.js'
import type { PreviewUser } from './users.js'

/** The Grafana whose packages the host is built from. */
const GRAFANA_VERSION = '13.2.2'

export const PAGE_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

interface Manifests {
  app: Manifest
  panels: { manifest: Manifest; folder: string }[]
}

/** plugin.json without what the server decides by. */
export function publicManifest(app: Manifest): BootPlugin {
  return { ...app, roles: undefined, routes: undefined }
}

export function bootFor(user: PreviewUser, { app, panels }: Manifests): Boot {
  return {
    grafanaVersion: GRAFANA_VERSION,
    user: {
      ...user,
      permissions: Object.fromEntries([...actionsOf(user.role, app)].map((action) => [action, true])),
    },
    roles: ROLES,
    plugin: publicManifest(app),
    panels: panels.map(({ manifest, folder }) => ({
      ...manifest,
      module: `/public/plugins/${app.id}/${folder}/module.js`,
    })),
    dataSources: [{ id: 1, uid: 'prometheus', name: 'Prometheus', type: 'prometheus', isDefault: true }],
  }
}

/** The one page; the client draws everything in it. */
export function hostPage(boot: Boot): string {
  const data = JSON.stringify(boot).replaceAll('<', '\\u003c')
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Preview host</title>
    <link rel="icon" href="/public/plugins/${boot.plugin.id}/img/logo.svg">
    <link rel="stylesheet" href="/public/build/styles.css">
    <script type="application/json" id="boot">${data}</script>
    <script type="module" src="/public/build/host.js"></script>
  </head>
  <body>
    <div id="root"></div>
    <noscript>The app needs JavaScript.</noscript>
  </body>
</html>
`
}

/** For whoever comes without the key, or from elsewhere. */
export function refusalPage(status: 401 | 403, reason: string): string {
  const help =
    status === 401
      ? 'Open the address that <code>npm start</code> printed after the word <b>app</b>: it ends with <code>?key=…</code>.'
      : 'The preview host answers its own pages on this machine only.'
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>${status}</title></head>
  <body style="font: 16px sans-serif; max-width: 40em; margin: 4em auto">
    <h1>${status === 401 ? 'The preview host wants its key' : 'Refused'}</h1>
    <p>${reason[0]?.toUpperCase() ?? ''}${reason.slice(1)}.</p>
    <p>${help}</p>
  </body>
</html>
`
}
