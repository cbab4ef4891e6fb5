import type { SqliteFile } from './sqlite-file.js'
import type { EventTexts } from './sqlite-jobs.js'

/** An event as `toStored` makes it. The payload stands there as it is: it is canonical JSON. */
export const EVENT_JSON = `format('{"specversion":"1.0","id":%s,"source":%s,"type":%s,"subject":%s,"time":%s,\
"datacontenttype":"application/json","data":%s,"streamversion":%d,"position":"%d","previoushash":%s,"hash":%s}',
  json_quote(id), json_quote(source), json_quote(type), json_quote(stream), json_quote(time), data, version,
  events.position, json_quote(previoushash), json_quote(hash))`

/** A fact: half as much to write, to hand over and to parse. */
export const FACT_JSON = `format('{"type":%s,"subject":%s,"time":%s,"data":%s,"streamversion":%d}',
  json_quote(type), json_quote(stream), json_quote(time), data, version)`

/**
 * Events as one text: rows with columns cost several times as much on their way to the main thread.
 * @param source what stands behind FROM
 * @param json what is told of each
 */
export function eventTexts(
  file: SqliteFile,
  source: string,
  order: string,
  limit: number,
  parameters: readonly unknown[],
  json = EVENT_JSON,
): EventTexts {
  const [page] = file.query<EventTexts>(
    `SELECT '[' || coalesce(group_concat(text, ','), '') || ']' AS json,
       count(*) AS count, min(position) AS first, max(position) AS last
     FROM (SELECT events.position, ${json} AS text FROM ${source} ORDER BY ${order} LIMIT ?)`,
    ...parameters,
    limit,
  )
  return page!
}
