const [PLUS, MINUS, COLON, DOLLAR, ONE] = [43, 45, 58, 36, 49]

/** What the reply to a write means for its key. */
export type Verdict =
  | 'written'
  | 'existing'
  /** Elsewhere by now: read the topology and send it again. */
  | 'moved'
  /** On its way elsewhere: send it there once, behind ASKING. */
  | 'ask'
  /** Not now. */
  | 'later'
  | 'full'
  | 'no-script'
  /** The node will never take writes from this user. */
  | 'forbidden'
  | 'failed'

const ERRORS: Readonly<Record<string, Verdict>> = {
  BUSYKEY: 'existing',
  MOVED: 'moved',
  READONLY: 'moved',
  ASK: 'ask',
  TRYAGAIN: 'later',
  CLUSTERDOWN: 'later',
  LOADING: 'later',
  MASTERDOWN: 'later',
  NOREPLICAS: 'later',
  MISCONF: 'later',
  BUSY: 'later',
  OOM: 'full',
  NOSCRIPT: 'no-script',
  NOPERM: 'forbidden',
  NOAUTH: 'forbidden',
}

export function verdictOf(frame: Buffer): Verdict {
  const type = frame[0]
  if (type === PLUS) return 'written'
  if (type === COLON) return frame[1] === ONE ? 'written' : 'existing'
  if (type === DOLLAR) return 'existing' // nil: SET NX
  if (type !== MINUS) return 'failed'
  const text = frame.toString('latin1', 1, 13)
  const [code = ''] = text.split(' ')
  if (Object.hasOwn(ERRORS, code)) return ERRORS[code]!
  // Scripts wrap what a command inside them said.
  const wrapped = /OOM|READONLY|MISCONF|NOREPLICAS/.exec(frame.toString('latin1', 1, 200))
  return wrapped ? ERRORS[wrapped[0]]! : 'failed'
}
