import { family, type Collector } from './table.js'

const duration = family(
  'gauge',
  'last_key_groups_scrape_duration_milliseconds',
  'Milliseconds that key groups took; 0 without them.',
)

export const keyGroups: Collector = {
  name: 'key_groups',
  source: 'key groups',
  readings: ['key_groups'],
  families: [duration],
  collect(_reading, samples) {
    samples.add(duration, 0)
  },
}
