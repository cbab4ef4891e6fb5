import type { Option } from './option.js'
import { ConfigError, type Resolver } from './resolver.js'

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

/** @throws ConfigError names what is no service */
export function servicesOf(from: Resolver): ReadonlySet<Service> {
  const { from: place } = from.raw('services')
  const names = from.list('services')
  const isService = (name: string): name is Service => (SERVICES as readonly string[]).includes(name)
  const unknown = names.find((name) => !isService(name))
  if (unknown !== undefined || names.length === 0)
    throw new ConfigError(
      `${place}: ${unknown === undefined ? 'names no service' : `there is no service ${JSON.stringify(unknown)}`}; there are ${SERVICES.join(', ')}`,
    )
  const services = new Set(names.filter(isService))
  if (services.has('alerting') && !services.has('control'))
    throw new ConfigError(`${place}: alerting takes its notifications at the control API; name control, too`)
  return services
}
