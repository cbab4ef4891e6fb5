/** First code of the preview host: Grafana's packages read these globals while they load, so they come before them. */
import type { Boot } from '../../../stack/src/preview/boot'
import { bootData } from './bootData'

const element = document.getElementById('boot')
if (!element?.textContent) throw new Error('the page has no boot data')
const boot = JSON.parse(element.textContent) as Boot

Object.assign(window, {
  __grafana_public_path__: '/public/',
  grafanaBootData: bootData(boot),
  // zod would else try whether it may make code from text, which the page's policy forbids and the console tells.
  __zod_globalConfig: { jitless: true },
})

try {
  decodeURI(location.pathname)
} catch {
  // The router can't read such a path (`%E0%A4%A`); no page has it.
  history.replaceState(null, '', '/not-found')
}

try {
  const { start } = await import('./start')
  await start(boot)
} catch (error) {
  const why = error instanceof Error ? error.message : String(error)
  document.body.textContent = `The app did not load: ${why}. The browser's console says more.`
  throw error
}
