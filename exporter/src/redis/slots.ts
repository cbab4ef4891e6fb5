/** Which hash slot a key belongs to. https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ */

export const SLOTS = 16_384

const OPEN = 123
const CLOSE = 125

/** CRC16/XMODEM. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc & 0xffff
})

/**
 * The slot of the key that stands in [start, end) of a buffer. Where the key holds a `{` and behind it, not at once,
 * a `}`, only what is between the first of each counts.
 */
export function slotOf(bytes: Buffer, start = 0, end = bytes.length): number {
  for (let at = start; at < end; at++) {
    if (bytes[at] !== OPEN) continue
    const close = bytes.indexOf(CLOSE, at + 1)
    if (close > at + 1 && close < end) {
      start = at + 1
      end = close
    }
    break
  }
  let crc = 0
  for (let at = start; at < end; at++) crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >> 8) ^ bytes[at]!]!
  return crc & (SLOTS - 1)
}
