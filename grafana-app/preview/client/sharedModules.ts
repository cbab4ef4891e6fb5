/** What Grafana hands to plugins; ours have to be the very instances that the host itself uses. */
import * as emotionCss from '@emotion/css'
import * as emotionReact from '@emotion/react'
import * as grafanaData from '@grafana/data'
import * as grafanaRuntime from '@grafana/runtime'
import * as grafanaUi from '@grafana/ui'
import i18next from 'i18next'
import lodash from 'lodash'
import moment from 'moment'
import * as react from 'react'
import * as jsxRuntime from 'react/jsx-runtime'
import * as reactDom from 'react-dom'
import * as reactRouter from 'react-router-dom-v5-compat'
import * as rxjs from 'rxjs'

/** CommonJS packages: a plugin's default import is the whole module. */
const whole = (module: object): object => ({ ...module, default: module, __useDefault: true })

/** AMD id -> module. The router is version 6 under the name that Grafana gives it. */
export const sharedModules: Readonly<Record<string, object>> = {
  '@emotion/css': emotionCss,
  '@emotion/react': emotionReact,
  '@grafana/data': grafanaData,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/ui': grafanaUi,
  i18next: whole(i18next),
  lodash: whole(lodash),
  moment: whole(moment),
  react,
  'react/jsx-runtime': jsxRuntime,
  'react-dom': reactDom,
  'react-router': reactRouter,
  rxjs,
}
