/** First code of the preview host: Grafana's packages read these globals while they load, so they come before them. */
import type { Boot } from '../../../stack/src/preview/boot'
import { bootData } from './bootData'

const element = document.getElementById('boot')
if (!element?.textContent) throw new Error('the page has no boot data')
const boot = JSON.parse(element.textContent) as Boot

Object.assign(window, { __grafana_public_path__: '/public/', grafanaBootData: bootData(boot) })

const { start } = await import('./start')
await start(boot)
