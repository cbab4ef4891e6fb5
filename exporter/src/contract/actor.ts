import { z } from 'zod'

/**
 * Who did something: the token that was checked, and the user that a delegated token acts for, as it claims and as
 * Grafana has signed it. Authorised on the token alone.
 */
export const actor = z.strictObject({
  token: z.string().meta({ description: 'Id of the token (authid).' }),
  claimedUser: z
    .string()
    .optional()
    .meta({ description: 'Login in X-Grafana-Context, kept from delegated tokens only.' }),
  verifiedUser: z.string().optional().meta({
    description:
      "Whom Grafana's signature in X-Grafana-Id names: `login (subject)`. From delegated tokens only.",
  }),
  unverified: z
    .enum(['malformed', 'signature', 'expired', 'issuer', 'audience', 'no-keys'])
    .optional()
    .meta({ description: 'Why the X-Grafana-Id that came with the request proves nothing.' }),
})

export type Actor = z.output<typeof actor>
