import { createHash } from 'node:crypto'
import { bulk, CommandWriter } from '../../../redis/command-writer.js'
import { encodePipeline, integer, itemsOf } from '../../../redis/frames.js'
import { bulkOf } from '../../../redis/replies.js'
import type { Criteria, Looked } from './criteria.js'

/** Why a call on a key failed: it is elsewhere, gone, or refused for good; nothing where it did not. */
const WHY = `local function why(reply)
  local text = type(reply) == 'table' and reply.err
  if not text then return nil end
  if string.find(text, 'non local key', 1, true) or string.find(text, 'CLUSTERDOWN', 1, true)
    or string.find(text, 'cluster is down', 1, true) then return 'elsewhere' end
  return string.find(text, 'no such key', 1, true) and 'gone' or 'refused'
end
`

/**
 * One page of SCAN: looks at each key and, unless it only counts, unlinks those that meet every criterion. All in one
 * script, so that nobody can touch a key between the look and the unlinking. None of what it asks counts as a use of
 * the key. Keys are not declared, since a page has keys of many slots: where a slot is not, or no longer, served here,
 * the call on its key is refused, and the key is told as being elsewhere.
 *
 * ARGV: cursor, COUNT, pattern, most keys, most bytes (-1: any), count only, idle over (s), frequency under,
 * TTL under (ms), without TTL, size over (bytes), matched so long ago already (s), examples, number of types, types,
 * prefixes. -1 stands for a criterion that is not given.
 */
const BODY = `${WHY}local call = redis.pcall
local most, room, dry = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
local idle, freq, ttl = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local noTtl, size = ARGV[10] == '1', tonumber(ARGV[11])
local since, want, ntypes = tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])
local types, prefixes = {}, {}
for i = 15, 14 + ntypes do types[ARGV[i]] = true end
for i = 15 + ntypes, #ARGV do prefixes[#prefixes + 1] = ARGV[i] end
local needsTtl = ttl >= 0 or noTtl
local heat = (idle >= 0 or since >= 0) and 'IDLETIME' or freq >= 0 and 'FREQ' or nil
local found = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[3], 'COUNT', ARGV[2])
local keys = found[2]
local matched, bytes, kept, old, noexpiry, more, wants = 0, 0, 0, 0, 0, 0, 0
local elsewhere, failed, examples, byType = {}, {}, {}, {}

local function bad(key, reply)
  local reason = why(reply)
  if reason == 'elsewhere' then elsewhere[#elsewhere + 1] = key end
  if reason == 'refused' then failed[#failed + 1] = reply.err end
  return reason ~= nil
end

-- 'yes', 'no', or nil for a key that is gone, elsewhere or refused; what it is, as far as it was asked
local function judge(key)
  local kind, left, use
  if ntypes > 0 or dry then
    kind = call('TYPE', key)
    if bad(key, kind) then return nil end
    kind = kind.ok
    if kind == 'none' then return nil end
    if ntypes > 0 and not types[kind] then return 'no' end
  end
  if needsTtl or dry then
    left = call('PTTL', key)
    if bad(key, left) or left == -2 then return nil end
    if noTtl and left >= 0 then return 'no' end
    if ttl >= 0 and (left < 0 or left >= ttl) then return 'no' end
  end
  if heat then
    use = call('OBJECT', heat, key)
    if bad(key, use) or not use then return nil end
    if idle >= 0 and use <= idle then return 'no' end
    if freq >= 0 and use >= freq then return 'no' end
  end
  local takes = call('MEMORY', 'USAGE', key)
  if bad(key, takes) or not takes then return nil end
  if size >= 0 and takes <= size then return 'no' end
  return 'yes', takes, left, kind, use
end

local function allowed(key)
  if #prefixes == 0 then return true end
  for i = 1, #prefixes do
    if string.sub(key, 1, #prefixes[i]) == prefixes[i] then return true end
  end
  return false
end

for i = 1, #keys do
  local key = keys[i]
  if allowed(key) then
    local verdict, takes, left, kind, use = judge(key)
    if verdict == 'no' then
      kept = kept + 1
      if not dry and #examples < 2 * want then
        local expires = call('PTTL', key)
        if type(expires) == 'number' and expires ~= -2 then
          examples[#examples + 1] = key
          examples[#examples + 1] = expires
        end
      end
    elseif verdict == 'yes' then
      if dry then
        matched = matched + 1
        bytes = bytes + takes
        byType[kind] = (byType[kind] or 0) + 1
        if left < 0 then noexpiry = noexpiry + 1 end
        -- Untouched since then, and met the criteria then already: both idle time and TTL have gone on meanwhile.
        if since >= 0 and use > since and (idle < 0 or use - since > idle)
          and (ttl < 0 or left + 1000 * since < ttl) then old = old + 1 end
        if #examples < 4 * want then
          examples[#examples + 1] = key
          examples[#examples + 1] = left
          examples[#examples + 1] = kind
          examples[#examples + 1] = takes
        end
      elseif matched >= most or (room >= 0 and bytes + takes > room) then
        more = 1
        wants = takes
        break
      else
        local done = call('UNLINK', key)
        if not bad(key, done) and done == 1 then
          matched = matched + 1
          bytes = bytes + takes
        end
      end
    end
  end
end
local told = {}
for kind, number in pairs(byType) do
  told[#told + 1] = kind
  told[#told + 1] = number
end
return {found[1], more, wants, matched, bytes, kept, old, noexpiry, #failed, failed[1] or '', elsewhere, examples, told}`

/** Tells what keys are, up to the first that it may not look at; ARGV: IDLETIME, FREQ or nothing, keys. */
const LOOK_BODY = `${WHY}local call, looked, refused = redis.pcall, {}, ''
for i = 2, #ARGV do
  local key = ARGV[i]
  local kind = call('TYPE', key)
  local left = why(kind) or call('PTTL', key)
  local takes = why(left) or call('MEMORY', 'USAGE', key)
  local use = why(takes) or ARGV[1] == '' and -1 or call('OBJECT', ARGV[1], key)
  for _, reply in ipairs({kind, left, takes, use}) do
    if why(reply) == 'refused' then refused = reply.err end
  end
  if refused ~= '' then break end
  if kind.ok and kind.ok ~= 'none' and type(left) == 'number' and left ~= -2
    and type(takes) == 'number' and type(use) == 'number' then
    looked[#looked + 1] = key
    looked[#looked + 1] = kind.ok
    looked[#looked + 1] = left
    looked[#looked + 1] = takes
    looked[#looked + 1] = use
  end
end
return {refused, looked}`

export interface Script {
  readonly load: Buffer
  readonly sha: string
}

/** The flags need Redis 7.0: without a declared key a script counts as of no slot, and may be refused for its memory. */
function script(flags: string, body: string): Script {
  const text = `#!lua flags=${flags}\n${body}`
  return {
    load: encodePipeline([['SCRIPT', 'LOAD', text]]),
    sha: createHash('sha1').update(text).digest('hex'),
  }
}

export const UNLINKS = script('allow-oom,allow-cross-slot-keys', BODY)
/** The same script under a flag with which the server refuses it any write. */
export const COUNTS = script('no-writes,allow-cross-slot-keys', BODY)
export const LOOKS = script('no-writes,allow-cross-slot-keys', LOOK_BODY)

export interface PageRequest {
  readonly cursor: string
  /** About how many keys are looked at. */
  readonly count: number
  readonly most: number
  /** Infinity: any. */
  readonly mostBytes: number
  readonly countsOnly: boolean
  /** Counts those, too, that matched so long ago and were not touched since; seconds; undefined: does not ask. */
  readonly untouchedFor?: number
  /** So many examples: of keys that match when it only counts, else of keys that are left out. */
  readonly examples: number
}

/** What came of one page. */
export interface PageReply {
  readonly next: string
  /** Some keys of the page were not looked at: `most` or `mostBytes` was reached. The cursor is to be used again. */
  readonly more: boolean
  /** How many bytes the next key takes, where it did not fit. */
  readonly wants: number
  readonly matched: number
  readonly bytes: number
  /** Match the pattern, but not every criterion. */
  readonly kept: number
  readonly untouched: number
  readonly withoutTtl: number
  readonly failed: number
  /** What the first was refused with. */
  readonly failure: string
  /** Keys of slots that are not served here. */
  readonly elsewhere: readonly Buffer[]
  readonly examples: readonly Buffer[]
  readonly types: ReadonlyMap<string, number>
}

export function encodePage(
  criteria: Criteria,
  { cursor, count, most, mostBytes, countsOnly, untouchedFor = -1, examples }: PageRequest,
): Buffer {
  const { match, idleOver, freqUnder, ttlUnder, noTtl, sizeOver, types, prefixes } = criteria
  const words = [
    cursor,
    count,
    match,
    most,
    mostBytes === Infinity ? -1 : mostBytes,
    countsOnly ? 1 : 0,
    idleOver ?? -1,
    freqUnder ?? -1,
    ttlUnder === undefined ? -1 : ttlUnder * 1000,
    noTtl ? 1 : 0,
    sizeOver ?? -1,
    untouchedFor,
    examples,
    types.length,
    ...types,
    ...prefixes,
  ].map(String)
  return encodePipeline([['EVALSHA', (countsOnly ? COUNTS : UNLINKS).sha, '0', ...words]])
}

/** @param frame the reply, no error */
export function readPage(frame: Buffer): PageReply {
  const items = itemsOf(frame)
  const number = (at: number) => integer(items[at]!, 1, items[at]!.length - 2)
  const types = itemsOf(items[12]!)
  return {
    next: bulkOf(items[0]!)!.toString(),
    more: number(1) === 1,
    wants: number(2),
    matched: number(3),
    bytes: number(4),
    kept: number(5),
    untouched: number(6),
    withoutTtl: number(7),
    failed: number(8),
    failure: bulkOf(items[9]!)!.toString(),
    elsewhere: itemsOf(items[10]!).map((key) => bulkOf(key)!),
    examples: itemsOf(items[11]!),
    types: new Map(
      types.flatMap((type, i) =>
        i % 2 === 0 ? [[bulkOf(type)!.toString(), numberOf(types[i + 1]!)] as const] : [],
      ),
    ),
  }
}

export function numberOf(frame: Buffer): number {
  return integer(frame, 1, frame.length - 2)
}

export function encodeLook(keys: readonly Buffer[], heat: 'IDLETIME' | 'FREQ' | undefined): Buffer {
  const out = new CommandWriter()
  out.text(`*${4 + keys.length}\r\n${bulk('EVALSHA', LOOKS.sha, 0, heat ?? '')}`)
  for (const key of keys) {
    out.text(`$${key.length}\r\n`)
    out.bytes(key)
    out.text('\r\n')
  }
  return out.take()
}

/**
 * @param frame the reply to encodeLook, no error
 * @returns `refused`: why a key could not be looked at; those behind it were not; '' when all were
 */
export function readLook(frame: Buffer): { readonly refused: string; readonly looked: Looked[] } {
  const [refused, told] = itemsOf(frame)
  const items = itemsOf(told!)
  const looked = Array.from({ length: items.length / 5 }, (_, i) => {
    const [key, type, ttl, bytes, use] = items.slice(i * 5, i * 5 + 5)
    return {
      key: Buffer.from(bulkOf(key!)!),
      type: bulkOf(type!)!.toString(),
      ttlMs: numberOf(ttl!),
      bytes: numberOf(bytes!),
      use: numberOf(use!),
    }
  })
  return { refused: bulkOf(refused!)!.toString(), looked }
}
