import ipaddr from 'ipaddr.js'

/** Whoever has one address of a IPv6 network has all 2^64 of it: bits of what counts as one source. */
const NETWORK_BITS = 64

/**
 * Where a request or a connection comes from, as limits and counts tell sources apart: an IPv4 address, or the /64
 * network of an IPv6 one.
 */
export function sourceOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4' || parsed.range() === 'loopback') return parsed.toString()
  const bytes = parsed.toByteArray().fill(0, NETWORK_BITS / 8)
  return `${ipaddr.fromByteArray(bytes).toString()}/${NETWORK_BITS}`
}
