import type { Option } from './option.js'

/** What a process can do; see docs/operations.md. */
export const SERVICES = ['scraper', 'discovery', 'health', 'operator', 'alerting', 'control'] as const
export type Service = (typeof SERVICES)[number]

export const serviceOptions = [
  {
    flag: 'services',
    env: 'SLOTWISE_SERVICES',
    type: 'list',
    default: SERVICES.join(','),
    help: 'what this process does; several processes share an event log on Redis',
  },
] as const satisfies readonly Option[]
