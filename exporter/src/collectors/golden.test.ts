import { describe, expect, it } from 'vitest'
import { goldenEngines, goldenReading, goldenReplies, goldenRoles } from '../../test/golden.js'
import { Samples } from '../exposition/families.js'
import { renderText } from '../exposition/text.js'
import { AnsweredReading } from '../redis/answered-reading.js'
import type { NodeReading } from '../redis/replies.js'
import { allFamilies } from './catalogue.js'
import { collectNode } from './node.js'

const readingOf = (engine: string, role: string) => goldenReading(goldenReplies(engine, role))

function expose(reading: NodeReading): string {
  const samples = new Samples()
  collectNode(reading, samples, { system: true, sentinelPeers: true })
  return [...renderText([{ labels: [], samples }], 'redis')].join('')
}

const roles = [...goldenRoles, 'sentinel']

describe.each(goldenEngines)('%s', (engine) => {
  it.each(roles)('%s', async (role) => {
    const text = expose(readingOf(engine, role))
    await expect(text).toMatchFileSnapshot(`../../test/golden/${engine}/${role}/expected.prom`)
  })

  it.each(roles)('%s has every series once and every family in the catalogue', (role) => {
    const lines = expose(readingOf(engine, role)).split('\n').slice(0, -1)
    const series = lines
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.slice(0, line.lastIndexOf(' ')))
    expect(series.length).toBeGreaterThan(role === 'sentinel' ? 80 : 150)
    expect(new Set(series).size).toBe(series.length)
    const known = new Set(allFamilies.map(({ name }) => name))
    const families = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]!)
    expect(families.filter((name) => !known.has(name) && !name.startsWith('redis_cluster_'))).toEqual([])
  })
})

describe('a node that is down', () => {
  it('has the series that say so and no others', () => {
    const text = expose({
      error: '10.0.0.7:6379: connection refused',
      connectSeconds: 0,
      durationSeconds: 0.1,
      at: 0,
    })
    expect(text).toContain('redis_up 0\n')
    expect(text).toContain('redis_exporter_last_scrape_error{err="10.0.0.7:6379: connection refused"} 1\n')
    expect(text).not.toContain('redis_instance_info')
  })
})

describe('a denied command', () => {
  it('costs its collector only', () => {
    const { replies, connectSeconds, durationSeconds, at } = readingOf('redis-7.0', 'primary')
    const denied = Buffer.from('-NOPERM this user has no permissions\r\n')
    const reading = new AnsweredReading(
      new Map([
        ...replies,
        ['cluster_info', { frames: [denied], error: 'CLUSTER INFO: NOPERM' }],
        ['slowlog', { frames: [denied, denied], error: 'SLOWLOG LEN: NOPERM' }],
      ]),
      { connectSeconds, durationSeconds, at },
    )
    const text = expose(reading)
    expect(text).toContain('redis_up 1\n')
    expect(text).toContain('redis_exporter_last_scrape_error{err=""} 0\n')
    expect(text).toContain('slotwise_collector_success{collector="cluster_info"} 0\n')
    expect(text).toContain('slotwise_collector_error_info{collector="slowlog",err="SLOWLOG LEN: NOPERM"} 1\n')
    expect(text).not.toContain('redis_cluster_state')
    expect(text).not.toContain('redis_slowlog')
    expect(text).toContain('redis_memory_used_bytes')
  })
})
