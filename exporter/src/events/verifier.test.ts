import { expect, it } from 'vitest'
import { chain, hashOfHeads, NO_HEAD, type Head } from './chain.js'
import { DIGEST_STREAM, DIGEST_TYPE } from './draft.js'
import { Verifier } from './verifier.js'

const head: Head = { version: 3, hash: 'c'.repeat(64) }
const heads = { 'cluster/a': head }

/** What is wrong with a log that begins with these heads, and with this digest. */
function problems(begins: Readonly<Record<string, Head>>, digest: unknown): readonly string[] {
  const event = { id: '1', source: 'test', type: DIGEST_TYPE, time: '2026-11-22T00:00:00Z' }
  const { rows } = chain([{ stream: DIGEST_STREAM, events: [{ ...event, payload: digest }] }], () => NO_HEAD)
  const verifier = new Verifier([], { through: '3', heads: new Map(Object.entries(begins)) })
  verifier.add({ ...rows[0]!, position: '4' })
  return verifier.report().problems.filter((problem) => !problem.includes('no log.trimmed event tells it'))
}

/** As older versions made it, and as it is now where nothing changed since the one before. */
it.each([{ heads }, { heads: {}, all: hashOfHeads(new Map(Object.entries(heads))) }])(
  'wants to see in the first digest of a trimmed log the heads that its cut tells: %j',
  (digest) => {
    expect(problems(heads, digest)).toEqual([])
    const lies = [{}, { ...heads, 'cluster/b': head }, { 'cluster/a': { ...head, version: 4 } }]
    for (const lie of lies) expect(problems(lie, digest)).toHaveLength(1)
  },
)
