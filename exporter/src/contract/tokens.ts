import { z } from 'zod'

/** What a token may do. `policy`, `topology`, `warmup` and `evict` are the scopes of kinds. */
export const SCOPES = [
  'read',
  'plan',
  'run',
  'override',
  'admin',
  'alerts',
  'warmup',
  'evict',
  'policy',
  'topology',
] as const

export const scope = z.enum(SCOPES)
export type Scope = z.output<typeof scope>

/** Scopes of kinds that act on whole nodes: key prefixes cannot bind them. */
const WHOLE_NODE: readonly Scope[] = ['policy', 'topology']

/** A 256-bit random secret (base64url) behind this prefix, by which a leaked one is recognised. */
export const TOKEN_PREFIX = 'sw_'

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dots, dashes and underscores, at most 63')

/** One entry of the tokens file. */
export const tokenEntry = z
  .strictObject({
    id: name.meta({ description: 'Its name in events; not secret.' }),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the token, 64 hex digits')
      .meta({ description: 'SHA-256 of the token in hex; the token itself stands nowhere.' }),
    scopes: z.array(scope).min(1, 'at least one scope'),
    clusters: z.array(name).min(1).optional().meta({ description: 'Sees only these; absent: all.' }),
    keyPrefixes: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .meta({ description: 'May touch only keys that start with one of these, compared bytewise.' }),
    expires: z.iso.datetime({ offset: true }).optional().meta({ description: 'Not valid from then on.' }),
    delegated: z
      .boolean()
      .default(false)
      .meta({ description: "May carry the login of Grafana's user (X-Grafana-Context)." }),
  })
  .refine(({ keyPrefixes, scopes }) => !keyPrefixes || !scopes.some((s) => WHOLE_NODE.includes(s)), {
    error: `a token with keyPrefixes cannot hold ${WHOLE_NODE.join(' or ')}: they act on whole nodes`,
    path: ['scopes'],
  })

/** The tokens file (YAML). */
export const tokensFile = z
  .strictObject({ tokens: z.array(tokenEntry) })
  .refine(({ tokens }) => new Set(tokens.map(({ id }) => id)).size === tokens.length, {
    error: 'an id is there twice',
    path: ['tokens'],
  })

export type TokenEntry = z.output<typeof tokenEntry>
