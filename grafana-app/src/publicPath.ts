/**
 * Lazy chunks lie beside the app's module.js, wherever Grafana serves it from (a CDN, a sub path). Imported first by
 * every module.tsx; a panel's module lies two folders deeper.
 */
import { uri } from 'amd-module'

/* eslint-disable prefer-const, @typescript-eslint/no-unused-vars -- webpack replaces it by a variable of its own */
declare let __webpack_public_path__: string

__webpack_public_path__ = uri.replace(/(panels\/[^/]+\/)?module\.js.*$/, '')
