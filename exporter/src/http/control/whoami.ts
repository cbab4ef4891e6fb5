import { openapi } from '../../contract/openapi.js'
import { ANYBODY } from './access.js'
import type { ControlOptions } from './context.js'
import type { Handlers } from './route.js'

/** /whoami, /openapi.json */
export function whoamiHandlers({ version }: ControlOptions): Pick<Handlers, 'whoami' | 'getOpenapi'> {
  const description = openapi(version)
  return {
    whoami: ({ principal }) => ({
      id: principal.id,
      scopes: [...principal.scopes],
      clusters: principal.clusters ? [...principal.clusters] : null,
      keyPrefixes: principal.keyPrefixes ? [...principal.keyPrefixes] : null,
      expires: principal.expiresAt === undefined ? null : new Date(principal.expiresAt).toISOString(),
      delegated: principal.delegated,
      readOnly: principal === ANYBODY,
    }),
    getOpenapi: () => description,
  }
}
