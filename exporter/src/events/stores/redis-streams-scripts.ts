import { createHash } from 'node:crypto'

/** A Lua script. Redis runs it alone, and writes its effects to the disk together or not at all. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** The version of what the scripts write; a log of a newer one is left alone. */
export const SCHEMA_VERSION = 1
/** Stands in the place of the version until a restored log is whole; no program takes that for a log of its own. */
export const RESTORING = 'restoring'

/**
 * What every script does first: it looks whether this is the log that the caller knows, with the newest event that the
 * caller has seen. A server that lost events (a stale replica, a backup, FLUSHALL) is found by whoever has seen one
 * of them, at the next call and before anything is done.
 *
 * KEYS 1 meta, 2 log. ARGV 1 schema, 2 id of the log (empty: any), 3 position and 4 hash of the newest event seen
 * (0: none), 5 `1` to pass over the mark of a process that found events lost. Answers `ok` and more, or one of
 * `schema <version>`, `marked <what was lost>`, `another`, `behind <last position>`.
 */
const GUARD = `
local meta = redis.call('HMGET', KEYS[1], 'schema', 'log', 'last', 'trimmed', 'regressed')
local last, trimmed = tonumber(meta[3] or '0'), tonumber(meta[4] or '0')
local function whole(number) return string.format('%.0f', number) end
local function entry(position) return redis.call('XRANGE', KEYS[2], position .. '-0', position .. '-0')[1] end
if meta[1] and meta[1] ~= ARGV[1] then return {'schema', meta[1]} end
if meta[5] and ARGV[5] ~= '1' then return {'marked', meta[5]} end
if ARGV[2] ~= '' then
  if not meta[1] then return {'behind', '0'} end
  if meta[2] ~= ARGV[2] then return {'another'} end
  if tonumber(ARGV[3]) > trimmed then
    local seen = entry(ARGV[3])
    if not seen or seen[2][6] ~= ARGV[4] then return {'behind', whole(last)} end
  end
end
`

/** A script that does not look first. */
export function unguarded(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

const script = (text: string): Script => unguarded(GUARD + text)

/** How many ARGV the guard takes. */
export const GUARD_ARGS = 5

/** ARGV 6: the id of a new log. Makes the log where there is none. Answers `ok <id>`. */
export const OPEN = script(`
if not meta[1] then
  redis.call('HSET', KEYS[1], 'schema', ARGV[1], 'log', ARGV[6], 'last', '0', 'trimmed', '0')
  meta[2] = ARGV[6]
end
return {'ok', meta[2]}
`)

/** ARGV 6: what was lost. Marks a server that lost events, so that processes that start later are told, too. */
export const MARK = unguarded(`
local log = redis.call('HGET', KEYS[1], 'log')
if not log or log == ARGV[1] then redis.call('HSETNX', KEYS[1], 'regressed', ARGV[2]) end
`)

/**
 * Writes an event to the log and to its indexes. ARGV from `i` on: places in KEYS of its stream, type and family
 * (0: none), its version, and the values of its fields; see Indexes.
 */
export const WRITE = `
local function write(position, i)
  local id = position .. '-0'
  redis.call('XADD', KEYS[2], id, 'stream', ARGV[i + 4], 'type', ARGV[i + 5], 'hash', ARGV[i + 6], 'event', ARGV[i + 7])
  redis.call('XADD', KEYS[tonumber(ARGV[i])], position .. '-' .. ARGV[i + 3], '', '')
  redis.call('XADD', KEYS[tonumber(ARGV[i + 1])], id, '', '')
  if ARGV[i + 2] ~= '0' then redis.call('XADD', KEYS[tonumber(ARGV[i + 2])], id, '', '') end
end
`

/**
 * Appends, each all or nothing on its own: everything is checked before the first write, and what is written then
 * cannot fail.
 *
 * KEYS 3 heads, 4 leases, from 5 on the streams, types and families that the events stand in. ARGV 6 the last position
 * that the log must have, 7 the position up to which it must be trimmed, each empty where it does not matter; 8 the
 * position up to which it is trimmed from now on, or empty; 9 the number of streams, and the streams. Then an append
 * after the other: its lease (or empty), token, number of heads, number of events; each head as place of its stream
 * among those, head that it must have, head that it gets (`*` for the first: only tell me); each event as WRITE takes it.
 *
 * Answers `ok` and for each append the position of its first event, `lease <token>`, or `stale` with all its heads;
 * or `moved` where 6 or 7 do not hold.
 */
export const APPEND = script(`${WRITE}
if ARGV[6] ~= '' and tonumber(ARGV[6]) ~= last then return {'moved'} end
if ARGV[7] ~= '' and tonumber(ARGV[7]) ~= trimmed then return {'moved'} end
local names, streams, most = 9, tonumber(ARGV[9]), 1000
local now, changed = {}, {}
for i = 1, streams, most do
  local some = redis.call('HMGET', KEYS[3], unpack(ARGV, names + i, names + math.min(i + most - 1, streams)))
  for k = 1, #some do now[i + k - 1] = some[k] or '' end
end
local before, n, answers = last, names + streams + 1, {'ok'}
while n <= #ARGV do
  local lease, token, heads, events = ARGV[n], ARGV[n + 1], tonumber(ARGV[n + 2]), tonumber(ARGV[n + 3])
  local head = n + 4
  local event = head + 3 * heads
  n = event + 8 * events
  local answer
  if lease ~= '' then
    local held = redis.call('HGET', KEYS[4], lease)
    local current = held and string.match(held, '^%d+') or '0'
    if current ~= token then answer = {'lease', current} end
  end
  if not answer then
    local stale, told = false, {'stale'}
    for i = head, event - 1, 3 do
      told[#told + 1] = now[tonumber(ARGV[i])]
      stale = stale or told[#told] ~= ARGV[i + 1]
    end
    if stale then answer = told end
  end
  if not answer then
    answer = whole(last + 1)
    for i = event, n - 1, 8 do
      last = last + 1
      write(whole(last), i)
    end
    for i = head, event - 1, 3 do
      if ARGV[i + 2] ~= ARGV[i + 1] then
        local stream = tonumber(ARGV[i])
        now[stream], changed[stream] = ARGV[i + 2], true
      end
    end
  end
  answers[#answers + 1] = answer
end
local sets = {}
for i = 1, streams do
  if changed[i] then
    sets[#sets + 1] = ARGV[names + i]
    sets[#sets + 1] = now[i]
  end
  if #sets == most or (i == streams and #sets > 0) then
    redis.call('HSET', KEYS[3], unpack(sets))
    sets = {}
  end
end
if last > before then
  redis.call('HSET', KEYS[1], 'last', whole(last), 'trimmed', ARGV[8] ~= '' and ARGV[8] or whole(trimmed))
end
return answers
`)

/**
 * Reads on from a place of an index.
 *
 * KEYS 3 the index. ARGV 6 order, 7 position after which to read (or empty), 8 entries to look at, 9 events to find, at
 * most each; filters, each or empty: 10 family, 11 type, 12 type that is left out; 13 the version of a stream at which
 * to stop. Answers `ok`, the last position of the log, that of the last entry seen, `1` when there is no more, the
 * entries of the log, and the position up to which it is trimmed; or `damaged <position>` for an event that the index
 * lists and the log has not.
 */
export const READ = script(`
local after = tonumber(ARGV[7])
local count, limit, floor = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[13])
local listed
if ARGV[6] == 'newest' then
  local high = after and whole(math.max(after - 1, 0)) or '+'
  listed = redis.call('XREVRANGE', KEYS[3], high, whole(trimmed + 1), 'COUNT', count)
else
  listed = redis.call('XRANGE', KEYS[3], whole(math.max(after or 0, trimmed) + 1), '+', 'COUNT', count)
end
local entries, cursor, done = {}, '', #listed < count and '1' or ''
for _, item in ipairs(listed) do
  local position, version = string.match(item[1], '^(%d+)-(%d+)$')
  if floor and tonumber(version) <= floor then
    done = '1'
    break
  end
  if #entries == limit then
    done = ''
    break
  end
  cursor = position
  local event = entry(position)
  if not event then return {'damaged', position} end
  local stream, type = event[2][2], event[2][4]
  if (ARGV[10] == '' or string.sub(stream, 1, #ARGV[10]) == ARGV[10])
    and (ARGV[11] == '' or type == ARGV[11]) and type ~= ARGV[12] then
    entries[#entries + 1] = event
  end
end
return {'ok', whole(last), cursor, done, entries, whole(trimmed)}
`)

/**
 * KEYS 3 heads, 4 snapshots. Answers `ok`, the last position and the one up to which the log is trimmed, a list with the
 * newest event, all heads, and all snapshots.
 */
export const HEADS_OF_ALL = script(`
local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
return {'ok', whole(last), whole(trimmed), newest, redis.call('HGETALL', KEYS[3]), redis.call('HGETALL', KEYS[4])}
`)

/** KEYS 3 snapshots. Answers `ok` and every fold with the format and position of its snapshot. */
export const PLACES = script(`return {'ok', redis.call('HGETALL', KEYS[3])}`)

/** Answers `ok`, the last position and the position up to which the log is trimmed. */
export const ENDS = script(`return {'ok', whole(last), whole(trimmed)}`)

/** From KEYS 3 on the indexes that list some of the events before ARGV 6, all trimmed: removes those. */
export const REMOVE = script(`
if tonumber(ARGV[6]) > trimmed + 1 then return {'moved'} end
for i = 2, #KEYS do redis.call('XTRIM', KEYS[i], 'MINID', ARGV[6]) end
for i = 3, #KEYS do
  if redis.call('XLEN', KEYS[i]) == 0 then redis.call('DEL', KEYS[i]) end
end
return {'ok'}
`)

/**
 * KEYS 3 leases. ARGV 6 the lease, 7 who wants it, 8 for how many ms. Answers `ok`, who has it, the token, and for how
 * many ms. Tokens begin behind `floor` of meta, which a restored log has.
 */
export const ACQUIRE = script(`
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HGET', KEYS[3], ARGV[6]) or (redis.call('HGET', KEYS[1], 'floor') or '0') .. ' 0 '
local token, expires, owner = string.match(held, '^(%d+) (%d+) (.*)$')
if owner == ARGV[7] or tonumber(expires) <= now then
  if owner ~= ARGV[7] then token = whole(tonumber(token) + 1) end
  owner, expires = ARGV[7], now + tonumber(ARGV[8])
  redis.call('HSET', KEYS[3], ARGV[6], token .. ' ' .. whole(expires) .. ' ' .. owner)
end
return {'ok', owner, token, whole(tonumber(expires) - now)}
`)

/** KEYS 3 leases. ARGV 6 the lease, 7 the token. */
export const RELEASE = script(`
local held = redis.call('HGET', KEYS[3], ARGV[6])
if held and string.match(held, '^%d+') == ARGV[7] then redis.call('HSET', KEYS[3], ARGV[6], ARGV[7] .. ' 0 ') end
return {'ok'}
`)

/** KEYS 3 leases. Answers `ok`, the ms of the server's clock, and all leases. */
export const ALL_LEASES = script(`
local time = redis.call('TIME')
return {'ok', whole(tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)), redis.call('HGETALL', KEYS[3])}
`)

/** KEYS 3 snapshots, 4 states. ARGV 6 the fold. Answers `ok`, format and position, and the state, each where it is there. */
export const LOAD = script(`
return {'ok', redis.call('HGET', KEYS[3], ARGV[6]), redis.call('HGET', KEYS[4], ARGV[6])}
`)

/** KEYS 3 snapshots, 4 states. ARGV 6 the fold, 7 its format, 8 the position, 9 the state. */
export const SAVE = script(`
local format, position = string.match(redis.call('HGET', KEYS[3], ARGV[6]) or '', '^(%d+) (%d+)$')
if format ~= ARGV[7] or tonumber(position) < tonumber(ARGV[8]) then
  redis.call('HSET', KEYS[4], ARGV[6], ARGV[9])
  redis.call('HSET', KEYS[3], ARGV[6], ARGV[7] .. ' ' .. ARGV[8])
end
return {'ok'}
`)
