import { z } from 'zod'

/** Who did something: the token that was checked, and the user that a delegated token claims. Never authorised on the claim. */
export const actor = z.strictObject({
  token: z.string().meta({ description: 'Id of the token (authid).' }),
  claimedUser: z
    .string()
    .optional()
    .meta({ description: 'Login in X-Grafana-Context, kept from delegated tokens only.' }),
})

export type Actor = z.output<typeof actor>
