const [STAR, QUESTION, OPEN, CLOSE, CARET, DASH, BACKSLASH] = [42, 63, 91, 93, 94, 45, 92]

/**
 * Whether a key matches a pattern as SCAN MATCH has it: `*`, `?`, `[abc]`, `[^a]`, `[a-z]`, and `\` in front of what
 * is meant as it stands. Bytewise.
 */
export function globMatches(pattern: Buffer, key: Buffer): boolean {
  let p = 0
  let k = 0
  // Where to go on when what follows the last star does not match: only the last one matters.
  let starAt = -1
  let starKey = 0
  while (k < key.length) {
    if (pattern[p] === STAR) {
      starAt = p++
      starKey = k
      continue
    }
    const next = p < pattern.length ? one(pattern, p, key[k]!) : -1
    if (next >= 0) {
      p = next
      k++
    } else if (starAt >= 0) {
      p = starAt + 1
      k = ++starKey
    } else {
      return false
    }
  }
  while (pattern[p] === STAR) p++
  return p === pattern.length
}

/** Where the pattern goes on when its next element matches this byte; -1 when it does not. */
function one(pattern: Buffer, at: number, byte: number): number {
  const first = pattern[at]
  if (first === QUESTION) return at + 1
  if (first === OPEN) return range(pattern, at + 1, byte)
  const escaped = first === BACKSLASH && at + 1 < pattern.length
  return pattern[escaped ? at + 1 : at] === byte ? at + (escaped ? 2 : 1) : -1
}

/** A range that is never closed ends with the pattern, as in Redis. */
function range(pattern: Buffer, at: number, byte: number): number {
  const not = pattern[at] === CARET
  if (not) at++
  let found = false
  for (; at < pattern.length && pattern[at] !== CLOSE; at++) {
    if (pattern[at] === BACKSLASH && at + 1 < pattern.length) {
      found ||= pattern[++at] === byte
    } else if (pattern[at + 1] === DASH && at + 2 < pattern.length) {
      const [a, b] = [pattern[at]!, pattern[at + 2]!]
      found ||= byte >= Math.min(a, b) && byte <= Math.max(a, b)
      at += 2
    } else {
      found ||= pattern[at] === byte
    }
  }
  return found === not ? -1 : Math.min(at + 1, pattern.length)
}
