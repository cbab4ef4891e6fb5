import type { Command } from './mass-insert.js'

type Make = (key: string, index: number) => Command[]

/** Keys of every type: name, how many, how one is written. Those of sessions and carts expire. */
const KEYS: readonly (readonly [name: string, count: number, make: Make])[] = [
  ['session', 60_000, (key, i) => [['SET', key, `token-${i}`.repeat(8), 'EX', 1800 + (i % 5400)]]],
  ['page', 30_000, (key, i) => [['SET', key, `<html>${'.'.repeat(100 + (i % 400))}</html>`]]],
  ['user', 50_000, (key, i) => [['HSET', key, 'name', `user ${i}`, 'visits', i, 'plan', 'free']]],
  [
    'cart',
    20_000,
    (key, i) => [
      ['RPUSH', key, ...words(1 + (i % 9), 'item')],
      ['EXPIRE', key, 3600 + (i % 3600)],
    ],
  ],
  ['tags', 15_000, (key, i) => [['SADD', key, ...words(1 + (i % 20), 'tag')]]],
  [
    'ranking',
    4000,
    (key, i) => [['ZADD', key, ...words(20, 'player').flatMap((player, at) => [at * i, player])]],
  ],
  ['events', 1000, (key) => [['XADD', key, '*', 'type', 'created']]],
]

/** How many keys of a name there are: `session:0` to `session:59999`. */
export const KEY_COUNTS: Readonly<Record<string, number>> = Object.fromEntries(
  KEYS.map(([name, count]) => [name, count]),
)

export const ALL_KEYS = KEYS.reduce((sum, [, count]) => sum + count, 0)

/** What fills the cluster `demo`. */
export function* demoKeys(): Generator<Command> {
  for (const [name, count, make] of KEYS)
    for (let index = 0; index < count; index++) yield* make(`${name}:${index}`, index)
}

const LINES = 20_000

/** A file that a cluster can be warmed from: a catalogue as JSON Lines, part of it expiring. */
export function sampleFile(): string {
  const line = (index: number) => {
    const key = `catalogue:${index}`
    if (index % 10 === 0) return { key, type: 'set', value: words(3, `colour-${index % 7}`), ttl: 7200 }
    const value = { title: `article ${index}`, price: String(100 + (index % 900)) }
    return { key, type: 'hash', value, ...(index % 2 === 0 && { ttl: 3600 + (index % 3600) }) }
  }
  return Array.from({ length: LINES }, (_, index) => `${JSON.stringify(line(index))}\n`).join('')
}

function words(count: number, word: string): string[] {
  return Array.from({ length: count }, (_, index) => `${word} ${index}`)
}
