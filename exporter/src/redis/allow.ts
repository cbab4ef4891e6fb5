import ipaddr from 'ipaddr.js'

/**
 * Makes a test of hosts from a list of CIDR ranges, addresses, host names, `*.suffix` patterns and sockets
 * (`unix:///path`). A socket, whose path is its host, is permitted by its own entry only: it is no host, `*` is none.
 * @throws Error names the entry that is none of these
 */
export function allowList(entries: readonly string[]): (host: string) => boolean {
  const ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] = []
  const names: string[] = []
  const sockets = new Set<string>()
  for (const entry of entries) {
    if (entry.startsWith('unix:///')) sockets.add(entry.slice('unix://'.length))
    else if (entry.includes('/')) {
      if (!ipaddr.isValidCIDR(entry)) throw new Error(`${entry}: not a CIDR range; expected e.g. 10.0.0.0/8`)
      ranges.push(ipaddr.parseCIDR(entry))
    } else if (ipaddr.isValid(entry)) {
      const address = ipaddr.process(entry)
      ranges.push([address, address.kind() === 'ipv4' ? 32 : 128])
    } else if (/^(\*|(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)$/i.test(entry)) {
      names.push(entry.toLowerCase())
    } else {
      throw new Error(`${entry}: neither an address, a CIDR range nor a host name`)
    }
  }
  const named = (host: string) =>
    names.some(
      (name) => name === '*' || name === host || (name.startsWith('*.') && host.endsWith(name.slice(1))),
    )
  return (host) => {
    if (host.startsWith('/')) return sockets.has(host)
    if (!ipaddr.isValid(host)) return named(host.toLowerCase())
    const address = ipaddr.process(host)
    return (
      names.includes('*') ||
      ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits))
    )
  }
}
