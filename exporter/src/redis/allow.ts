import ipaddr from 'ipaddr.js'

/**
 * Makes a test of addresses from a list of CIDR ranges, addresses, host names and `*.suffix` patterns.
 * @throws Error names the entry that is none of these
 */
export function allowList(entries: readonly string[]): (host: string) => boolean {
  const ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] = []
  const names: string[] = []
  for (const entry of entries) {
    if (entry.includes('/')) {
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
    if (!ipaddr.isValid(host)) return named(host.toLowerCase())
    const address = ipaddr.process(host)
    return (
      names.includes('*') ||
      ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits))
    )
  }
}
