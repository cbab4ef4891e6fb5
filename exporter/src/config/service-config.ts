import { ConfigError, type Resolver } from './resolver.js'
import { SERVICES, type Service } from './services.js'

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
