import { expect, it } from 'vitest'
import { assemble } from '../../exposition/page.js'
import { Scraper } from './scraper.js'

it.each([false, true])('counts its scrapes whether or not only Redis is wanted (%s)', async (redisOnly) => {
  const scraper = new Scraper({
    clusters: [],
    single: undefined,
    clusterLabel: 'redis_cluster',
    namespace: 'redis',
    collect: {},
    redisOnly,
    version: '1.2.3',
    nodeVersion: 'v20',
    checksOf: () => [],
    controlPlane: () => undefined,
  })
  const silent = { error: 'no answer', connectSeconds: 0, durationSeconds: 0, at: 0 }
  const texts = [
    await scraper.node({ read: () => Promise.resolve(silent) }, 1000),
    await scraper.all(1000),
  ].map((pages) => Buffer.concat([...assemble(pages, 'redis')].map((chunk) => Buffer.from(chunk))).toString())
  for (const text of texts) {
    expect(text).toContain('redis_exporter_scrapes_total 1\n')
    expect(text).toContain('redis_exporter_scrape_duration_seconds_count 1\n')
    expect(text).toContain('redis_target_scrape_request_errors_total 0\n')
    expect(text.includes('build_info')).toBe(!redisOnly)
  }
})
