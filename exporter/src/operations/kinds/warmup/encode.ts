import { createHash } from 'node:crypto'
import { bulk, type CommandWriter } from '../../../redis/command-writer.js'
import type { How, Item } from './item.js'

/** Adds a list, set, hash or zset with its TTL, all at once, or finds that the key is there already. */
export const SCRIPT = `if ARGV[3] == '1' then redis.call('DEL', KEYS[1])
elseif redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
for i = 4, #ARGV, 1000 do
  redis.call(ARGV[1], KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1`
const SHA = createHash('sha1').update(SCRIPT).digest('hex')

const ADD: Readonly<Record<Exclude<How, 'string' | 'dump'>, string>> = {
  list: 'RPUSH',
  set: 'SADD',
  hash: 'HSET',
  zset: 'ZADD',
}

export interface WriteOptions {
  readonly replace: boolean
  /** What RESTORE carries over of a key's use; undefined: nothing. */
  readonly heat: 'IDLETIME' | 'FREQ' | undefined
}

export const LOAD_SCRIPT = Buffer.from(`*3\r\n${bulk('SCRIPT', 'LOAD', SCRIPT)}`)
export const ASKING = `*1\r\n${bulk('ASKING')}`

const SET = bulk('SET')
const NX = bulk('NX')
const PX = bulk('PX')
const RESTORE = bulk('RESTORE')
const REPLACE = bulk('REPLACE')
const EVALSHA = bulk('EVALSHA', SHA, 1)

/**
 * Writes the command that adds an item.
 * @param ttlMs what it has left; 0: it never expires
 */
export function encodeItem(
  out: CommandWriter,
  { key, how, value, elements, heat }: Item,
  ttlMs: number,
  { replace, heat: heatWord }: WriteOptions,
): void {
  if (how === 'string') {
    out.text(`*${3 + (replace ? 0 : 1) + (ttlMs > 0 ? 2 : 0)}\r\n${SET}`)
    out.bytes(key)
    out.bytes(value)
    if (!replace) out.text(NX)
    if (ttlMs > 0) out.text(PX + bulk(ttlMs))
  } else if (how === 'dump') {
    const withHeat = heatWord !== undefined && heat >= 0
    out.text(`*${4 + (replace ? 1 : 0) + (withHeat ? 2 : 0)}\r\n${RESTORE}`)
    out.bytes(key)
    out.text(bulk(ttlMs))
    out.bytes(value)
    if (replace) out.text(REPLACE)
    if (withHeat) out.text(bulk(heatWord, heat))
  } else {
    out.text(`*${7 + elements}\r\n${EVALSHA}`)
    out.bytes(key)
    out.text(bulk(ADD[how], ttlMs, replace ? 1 : 0))
    out.bytes(value)
  }
}
