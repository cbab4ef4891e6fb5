import { memory, persistence, replication } from './factsOfData'
import { clients, commands } from './factsOfWork'
import type { Fact, Part } from './fact'

/** Parts of a node's page, by their name in the URL, with what each shows. */
export const PARTS = { memory, commands, clients, replication, persistence } as const satisfies Record<
  string,
  Part
>

export type PartName = keyof typeof PARTS

export const factsOf = (part: PartName): Readonly<Record<string, Fact>> => PARTS[part].facts

/** All that can say something about a node by itself: what is compared, and what may be wrong. */
export const TELLING: Readonly<Record<string, Fact>> = Object.fromEntries(
  (Object.keys(PARTS) as PartName[])
    .flatMap((part) => Object.entries(factsOf(part)))
    .filter(([, { least, wrong }]) => least !== undefined || wrong !== undefined),
)
