/**
 * Key names come from whoever writes to the cluster: they may hold control characters that move a cursor, marks that
 * turn the direction of text round, or nothing that can be seen. Shown are they only through here.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u00a0\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u3164\uffa0]/gu

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The text with everything that cannot be seen, or changes how others are seen, written as an escape. */
export const visible = (text: string) =>
  text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0)!
    const hex = code.toString(16)
    return (
      NAMED[character] ??
      (code < 0x100
        ? `\\x${hex.padStart(2, '0')}`
        : code < 0x10000
          ? `\\u${hex.padStart(4, '0')}`
          : `\\u{${hex}}`)
    )
  })

/** How much of a name is shown at first. */
export const SHOWN = 96

/** Cut in the middle, since both the prefix and the end tell keys apart; whole characters only. */
export function cut(text: string, length = SHOWN): { readonly text: string; readonly whole: boolean } {
  const characters = Array.from(text)
  if (characters.length <= length) return { text, whole: true }
  const end = Math.floor(length / 4)
  return {
    text: `${characters.slice(0, length - end).join('')}…${characters.slice(-end).join('')}`,
    whole: false,
  }
}
