import type { Samples } from '../exposition/families.js'
import { family, ownFamily } from './table.js'

/** What the exporter says of itself, under redis_exporter's names and its own. */
const buildInfo = ownFamily('gauge', 'slotwise_build_info', 'Version of Slotwise and of Node; always 1.')
const peerBuildInfo = family(
  'gauge',
  'exporter_build_info',
  "Version of the exporter under redis_exporter's name; always 1.",
)
const scrapesTotal = family('counter', 'exporter_scrapes_total', 'Scrapes of this endpoint.')
const durations = family('summary', 'exporter_scrape_duration_seconds', 'Seconds that scrapes took.')
const refused = family(
  'counter',
  'target_scrape_request_errors_total',
  'Requests to /scrape that were refused.',
)
const ownDurations = ownFamily(
  'summary',
  'slotwise_scrape_duration_seconds',
  'Seconds that answering took, by path; rendering excluded.',
)

export const exporterFamilies = [ownDurations, buildInfo, peerBuildInfo, scrapesTotal, durations, refused]

export interface Duration {
  readonly count: number
  readonly sumSeconds: number
}

/** For redis_exporter's names. */
export interface PeerFacts {
  /** Undefined with --redis-only-metrics. */
  readonly version: string | undefined
  readonly scrapes: Duration
  readonly requestErrors: number
}

export interface OwnFacts {
  readonly version: string
  readonly nodeVersion: string
  /** By path. */
  readonly scrapes: ReadonlyMap<string, Duration>
}

export function collectPeer({ version, scrapes, requestErrors }: PeerFacts, samples: Samples): void {
  if (version !== undefined) {
    samples.add(peerBuildInfo, 1, [
      ['build_date', ''],
      ['commit_sha', ''],
      ['golang_version', ''],
      ['version', version],
    ])
  }
  samples.add(scrapesTotal, scrapes.count)
  samples.add(durations, scrapes.sumSeconds, [], '_sum')
  samples.add(durations, scrapes.count, [], '_count')
  samples.add(refused, requestErrors)
}

export function collectOwn({ version, nodeVersion, scrapes }: OwnFacts, samples: Samples): void {
  samples.add(buildInfo, 1, [
    ['version', version],
    ['node_version', nodeVersion],
  ])
  for (const [path, { count, sumSeconds }] of scrapes) {
    samples.add(ownDurations, sumSeconds, [['path', path]], '_sum')
    samples.add(ownDurations, count, [['path', path]], '_count')
  }
}
