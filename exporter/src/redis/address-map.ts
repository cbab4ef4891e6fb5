import ipaddr from 'ipaddr.js'

/** Where a node is reached from here. */
export interface Reach {
  readonly host: string
  readonly port: number
}

/** Where an announced address is reached; undefined for one that is reached as it stands. */
export type AddressMap = (host: string, port: number) => Reach | undefined

interface Rule {
  /** How exact it is: whoever names more beats whoever names less. */
  readonly rank: number
  readonly matches: (host: string, port: number) => boolean
  readonly to: { readonly host: string; readonly port: number | undefined }
}

/**
 * Makes the translation of the addresses that nodes announce: from `host:port`, `host` or a CIDR range to `host:port`,
 * or to `host` with the same port. A host and port beat a host, and a host beats a range.
 * @throws Error names the rule that is none
 */
export function addressMap(rules: Readonly<Record<string, string>>): AddressMap {
  const sorted = Object.entries(rules)
    .map(([from, to]) => ruleOf(from, to))
    .sort((a, b) => b.rank - a.rank)
  return (host, port) => {
    const rule = sorted.find(({ matches }) => matches(host, port))
    return rule && { host: rule.to.host, port: rule.to.port ?? port }
  }
}

function ruleOf(from: string, to: string): Rule {
  const target = split(to)
  if (!target) throw new Error(`${from}: ${JSON.stringify(to)} is not an address; expected host:port or host`)
  if (from.includes('/')) {
    if (!ipaddr.isValidCIDR(from)) throw new Error(`${from}: not a CIDR range; expected e.g. 10.0.0.0/8`)
    const [range, bits] = ipaddr.parseCIDR(from)
    return { rank: bits / 1000, matches: (host) => isWithin(host, range, bits), to: target }
  }
  const source = split(from)
  if (!source) throw new Error(`${from}: not an address; expected host:port, host or a CIDR range`)
  return {
    rank: source.port === undefined ? 1 : 2,
    matches: (host, port) => host === source.host && (source.port === undefined || source.port === port),
    to: target,
  }
}

function isWithin(host: string, range: ipaddr.IPv4 | ipaddr.IPv6, bits: number): boolean {
  if (!ipaddr.isValid(host)) return false
  const address = ipaddr.process(host)
  return address.kind() === range.kind() && address.match(range, bits)
}

/** `host`, `host:port`, `[v6]:port` or a bare IPv6 address. */
function split(text: string): { host: string; port: number | undefined } | undefined {
  if (ipaddr.IPv6.isValid(text)) return { host: text, port: undefined }
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/i.exec(text)
  if (!match) return undefined
  const port = match[3] === undefined ? undefined : Number(match[3])
  return port === 0 || (port ?? 0) > 65_535 ? undefined : { host: (match[1] ?? match[2])!, port }
}
