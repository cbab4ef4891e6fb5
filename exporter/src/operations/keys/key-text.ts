import { isUtf8 } from 'node:buffer'

/** A key as text for people: as redis-cli prints it where it is not UTF-8 or holds control characters. */
export function keyText(key: Buffer): string {
  if (isUtf8(key)) {
    const text = key.toString()
    if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return text
  }
  let text = ''
  for (const byte of key)
    text +=
      byte === 92
        ? '\\\\'
        : byte >= 32 && byte < 127
          ? String.fromCharCode(byte)
          : `\\x${byte.toString(16).padStart(2, '0')}`
  return text
}
