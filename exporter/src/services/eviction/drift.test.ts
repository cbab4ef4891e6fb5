import { describe, expect, it } from 'vitest'
import { nodeOf } from '../../../test/cluster-node.js'
import { agreement, oddNodes, unpersistedIn, type PolicyRun } from './drift.js'
import type { Readout } from './readout.js'

const readout = (
  instance: string,
  values: Readout['values'],
  info: Record<string, string> = {},
): Readout => ({
  node: nodeOf(instance),
  values,
  info: new Map(Object.entries({ uptime_in_seconds: '1000', config_file: '/etc/redis.conf', ...info })),
})

describe('agreement', () => {
  it('tells what all have, and of the rest who has what', () => {
    const { effective, drift } = agreement([
      readout('a:1', { policy: 'noeviction', samples: 5, lazyfreeExpire: false }),
      readout('b:1', { policy: 'noeviction', samples: 7, lazyfreeExpire: false }),
      readout('c:1', { policy: 'noeviction', samples: 7 }),
    ])
    expect(effective).toEqual({ policy: 'noeviction', lazyfreeExpire: false })
    expect(drift).toEqual([
      {
        parameter: 'samples',
        values: [
          { value: 7, nodes: ['b:1', 'c:1'] },
          { value: 5, nodes: ['a:1'] },
        ],
      },
    ])
    expect(oddNodes(drift[0]!)).toEqual(['a:1'])
  })
})

describe('unpersistedIn', () => {
  const NOW = Date.parse('2030-01-01T12:00:00Z') / 1000
  const run = (id: string, endedAt: string, to: string, more: Partial<PolicyRun> = {}): PolicyRun => ({
    id,
    endedAt,
    persist: false,
    changes: ['a:1', 'b:1'].map((node) => ({ node, parameter: 'maxmemory-samples', from: '5', to })),
    ...more,
  })
  const both = [readout('a:1', { samples: 7 }), readout('b:1', { samples: 7 })]
  const set = run('o1', '2030-01-01T11:50:00Z', '7')
  const found = { parameter: 'samples', value: 7, nodes: ['a:1', 'b:1'], operation: 'o1', configFile: true }

  it.each<[string, readonly Readout[], readonly PolicyRun[], readonly object[]]>([
    ['set without persist', both, [set], [found]],
    ['set with persist', both, [run('o1', set.endedAt, '7', { persist: true })], []],
    ['persisted later', both, [run('o2', '2030-01-01T11:55:00Z', '7', { persist: true }), set], []],
    ['persisted before', both, [run('o0', '2030-01-01T11:45:00Z', '5', { persist: true }), set], [found]],
    ['set otherwise since', [readout('a:1', { samples: 9 })], [set], []],
    ['set twice: the last counts', both, [run('o0', '2030-01-01T11:47:00Z', '7'), set], [found]],
    ['restarted since', [readout('a:1', { samples: 7 }, { uptime_in_seconds: '60' })], [set], []],
    [
      'no file at all',
      [readout('a:1', { samples: 7 }, { config_file: '' })],
      [set],
      [{ ...found, nodes: ['a:1'], configFile: false }],
    ],
    ['nothing was run here', both, [], []],
  ])('%s', (_, readouts, runs, expected) => expect(unpersistedIn(readouts, runs, NOW)).toEqual(expected))
})
