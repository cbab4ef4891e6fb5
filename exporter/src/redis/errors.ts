/**
 * What went wrong with a node, told to the person who has to mend it: what failed, where, why it probably did, what
 * to do. No message holds a secret.
 */
export type NodeErrorKind =
  | 'refused'
  | 'timeout'
  | 'unresolved'
  | 'unreachable'
  | 'closed'
  | 'auth'
  | 'denied'
  | 'tls'
  | 'protocol'
  | 'reply'

export class NodeError extends Error {
  override readonly name = 'NodeError'
  constructor(
    readonly kind: NodeErrorKind,
    readonly address: string,
    what: string,
    options?: ErrorOptions,
  ) {
    super(`${address}: ${what}`, options)
  }
}

/** What the exporter itself lacks, whatever the node does. */
const NO_DESCRIPTOR: [NodeErrorKind, string] = [
  'unreachable',
  'the exporter has no file descriptor left for a connection, the node may be well; raise its limit (LimitNOFILE=, ulimit -n)',
]

const SOCKET_ERRORS: Record<string, [NodeErrorKind, string]> = {
  ECONNREFUSED: [
    'refused',
    'connection refused: nothing listens there; is the server running, is the port right?',
  ],
  ENOTFOUND: ['unresolved', 'the host name does not resolve; check the name and the DNS'],
  EAI_AGAIN: ['unresolved', 'the host name does not resolve just now; check the DNS'],
  EHOSTUNREACH: ['unreachable', 'no route to the host; check the network and the firewall'],
  ENETUNREACH: ['unreachable', 'no route to the network; check the network'],
  ETIMEDOUT: ['timeout', 'no answer to the connection attempt; check the network and the firewall'],
  ECONNRESET: ['closed', 'connection reset by the node; did it restart, or does it want TLS (rediss://)?'],
  EPIPE: ['closed', 'the node closed the connection; did it restart?'],
  ENOENT: ['unreachable', 'no such socket file'],
  EACCES: ['unreachable', 'no permission for the socket file'],
  EMFILE: NO_DESCRIPTOR,
  ENFILE: NO_DESCRIPTOR,
}

/** Explains a failure of the socket or of TLS. */
export function socketError(address: string, error: NodeJS.ErrnoException, tls: boolean): NodeError {
  const known = error.code === undefined ? undefined : SOCKET_ERRORS[error.code]
  if (known && !(tls && error.code === 'ECONNRESET'))
    return new NodeError(known[0], address, known[1], { cause: error })
  if (tls) return new NodeError('tls', address, `TLS: ${tlsHint(error)}`, { cause: error })
  return new NodeError('closed', address, error.message, { cause: error })
}

/** The node closed the connection and has not said why. */
export function closedError(address: string, isMidway: boolean): NodeError {
  return new NodeError(
    'closed',
    address,
    isMidway
      ? 'the node closed the connection in the middle of a reply; did it crash or restart?'
      : 'the node closed the connection; did it restart?',
  )
}

/** What came is no reply. */
export function foreignError(address: string, error: Error): NodeError {
  return new NodeError(
    'protocol',
    address,
    `does not answer as a Redis does (${error.message}); is this a TLS port (rediss://) or another service?`,
    { cause: error },
  )
}

/**
 * Nothing came in time, or not all. It tells no time: what was left of the caller's is another each time, and this is
 * a label and a line of the log.
 */
export function timeoutError(
  address: string,
  { isMidway, isConnected, tls }: Readonly<Record<'isMidway' | 'isConnected' | 'tls', boolean>>,
): NodeError {
  let what = 'no connection in time; is the host up, does a firewall drop packets, is the node stopped?'
  if (isMidway) {
    what =
      'no whole answer in time: a reply began and stopped; is the node stopped, is the network slow or broken?'
  } else if (isConnected) {
    what =
      'no answer in time: the node accepts connections but hangs; is it stopped, swapping, or busy with a slow command?'
  } else if (tls) {
    what =
      'no TLS connection in time; does the node speak TLS on this port (else use redis://), is the host up?'
  }
  return new NodeError('timeout', address, what)
}

function tlsHint(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'CERT_HAS_EXPIRED':
      return 'the certificate of the node has expired; renew it'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'the certificate of the node is not signed by a CA that is trusted here; name its CA with tls.ca (--tls-ca-cert-file)'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'the certificate of the node is for another name; set tls.serverName (--tls-server-name)'
    case 'ECONNRESET':
      return 'connection reset during the handshake; does the node listen with TLS, does it want a client certificate?'
    default:
      return TLS_HINTS.find(([pattern]) => pattern.test(error.message))?.[1] ?? tlsReason(error)
  }
}

const TLS_HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /key values mismatch/,
    'the client certificate and its key do not go together; does one of tls.cert and tls.key (--tls-client-cert-file, --tls-client-key-file) come from before a renewal?',
  ],
  [
    /wrong version number|packet length too long/i,
    'the node does not speak TLS on this port; use redis:// instead of rediss://',
  ],
  [
    /alert certificate required|alert handshake failure/,
    'the node wants a client certificate; set tls.cert and tls.key (--tls-client-cert-file, --tls-client-key-file)',
  ],
  [
    /alert (?:unknown ca|bad certificate|certificate \w+|decrypt error)/,
    'the node does not accept the client certificate; is it of the CA that the node trusts, has it expired?',
  ],
  [/alert protocol version|unsupported protocol/, 'no TLS version in common with the node'],
]

/** OpenSSL's own words without addresses and line numbers: an error is a label, and each one a series. */
function tlsReason(error: Error & { reason?: string }): string {
  return error.reason ?? error.message.split('\n')[0]!
}

const REPLY_HINTS: [prefix: string, kind: NodeErrorKind, hint: string][] = [
  [
    'NOAUTH',
    'auth',
    'the node wants a password; set passwordFile of its cluster, --redis.password for what flags name, or for another target (--scrape.allow) the entry "URL" of --redis.password-file, with rediss:// for TLS',
  ],
  [
    'WRONGPASS',
    'auth',
    'user name or password are wrong, or the user is disabled; compare what is set here with ACL GETUSER there',
  ],
  ['ERR invalid password', 'auth', 'the password is wrong; set here what requirepass is there'],
  [
    'ERR AUTH',
    'auth',
    'the node has no password, but one is configured here; remove it here or set it there',
  ],
  [
    'ERR Client sent AUTH',
    'auth',
    'the node has no password, but one is configured here; remove it here or set it there',
  ],
  ['NOPERM', 'denied', "the ACL user may not run this command; see 'ACL user' in docs/security.md"],
  [
    'DENIED',
    'denied',
    'protected mode: the node accepts only local connections; set a password there or bind it right',
  ],
  [
    'ERR max number of clients',
    'denied',
    'the node has reached maxclients; raise it, or see in CLIENT LIST who holds the connections',
  ],
  ['LOADING', 'reply', 'the node is loading its data set; it answers by itself once that is done'],
  ['MASTERDOWN', 'reply', 'the replica has lost its primary; is that one down, is masterauth right here?'],
  ['BUSY', 'reply', 'a script blocks the node; SCRIPT KILL ends it'],
  [
    'ERR unknown command',
    'reply',
    'it is too old for that, a managed service without it, or has it renamed or switched off (rename-command)',
  ],
]

/** More of an error reply says nothing more; it becomes a label. */
const MOST_SAID = 300

/**
 * Explains an error reply (`-NOAUTH …`) to a command; what may be told of the reply itself is the `cause`.
 * @param password that was sent there: a proxy may send back what it was sent
 */
export function replyError(address: string, command: string, reply: string, password = ''): NodeError {
  const said = tellable(password === '' ? reply : reply.replaceAll(password, '***'))
  const known = REPLY_HINTS.find(([prefix]) => said.startsWith(prefix))
  const url = address.startsWith('/') ? `unix://${address}` : `redis://${address}`
  const hint = known ? ` (${known[2].replace('URL', () => url)})` : ''
  return new NodeError(known?.[1] ?? 'reply', address, `${command}: ${said}${hint}`, { cause: said })
}

/** Its first line, without the arguments of a command that the server does not know: those of AUTH are secret. */
function tellable(reply: string): string {
  const said = reply.replace(/,? with args beginning with:.*/s, '').split('\n')[0]!
  return said.length > MOST_SAID ? `${said.slice(0, MOST_SAID)}…` : said
}
