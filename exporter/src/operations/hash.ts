import { createHash } from 'node:crypto'
import { canonicalJson } from '../events/canonical-json.js'

/** SHA-256 of a value's canonical JSON, so that the same content always has the same hash. Hex. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}
