import { createHash } from 'node:crypto'
import type { Problem } from '../../../contract/operations.js'
import { bulkOf } from '../../../redis/replies.js'
import type { PlanContext } from '../../kind.js'
import type { Estimator } from './estimate.js'
import { FileRefused, SourceFile } from './files.js'
import { itemOfLine } from './line-item.js'
import { LineError, LineReader, parseLine, type RawLine } from './lines.js'
import type { Selection } from './select.js'
import { Forbids, type SourceReadout } from './source-readout.js'
import { FROM_FILE } from './transfer.js'

const NAMED_LINES = 20

/** Reads a whole file, line by line, and adds what it holds. @throws Forbids what is wrong with it; no content is quoted */
export async function readFile(
  dir: string,
  path: string,
  selection: Selection,
  maxBytes: number,
  estimator: Estimator,
  { turn, progress }: Pick<PlanContext, 'turn' | 'progress'>,
): Promise<SourceReadout> {
  const file = await openFile(dir, path)
  const bad: { number: number; what: string }[] = []
  let [badCount, lines, looked] = [0, 0, 0]
  const take = (line: RawLine) => {
    lines = line.number
    try {
      estimator.add(sampled(line, selection, maxBytes))
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      badCount++
      if (bad.length < NAMED_LINES) bad.push({ number: line.number, what: error.message })
    }
  }
  const hash = createHash('sha256')
  try {
    const reader = new LineReader()
    for await (const chunk of file.read() as AsyncIterable<Buffer>) {
      await turn?.()
      hash.update(chunk)
      reader.push(chunk).forEach(take)
      progress?.((looked += chunk.length), file.bytes)
    }
    reader.end().forEach(take)
  } finally {
    await file.close()
  }
  if (badCount > 0) throw new Forbids([badLines(badCount, bad)])
  return readoutOf(path, file.bytes, hash.digest('hex'), lines)
}

/** Whether a file is as it was: its digest alone, without looking at the lines. @throws Forbids */
export async function readDigest(dir: string, path: string): Promise<SourceReadout> {
  const file = await openFile(dir, path)
  const hash = createHash('sha256')
  try {
    for await (const chunk of file.read() as AsyncIterable<Buffer>) hash.update(chunk)
  } finally {
    await file.close()
  }
  return readoutOf(path, file.bytes, hash.digest('hex'), 0)
}

function readoutOf(path: string, bytes: number, sha256: string, lines: number): SourceReadout {
  return {
    description: `file ${path}`,
    nodes: 1,
    identity: { path, sha256 },
    transfer: FROM_FILE,
    warnings: [],
    file: { path, bytes, sha256, lines },
  }
}

async function openFile(dir: string, path: string): Promise<SourceFile> {
  try {
    return await SourceFile.open(dir, path)
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error
    const todo = 'name a regular file below warmup.dir of the configuration'
    throw new Forbids([{ reason: `file ${JSON.stringify(path)}: ${error.message}`, todo }])
  }
}

function sampled(line: RawLine, selection: Selection, maxBytes: number) {
  const { how, item } = readLine(line)
  const { key, slot, ttlMs, bytes } = item
  const name = bulkOf(key)!
  const wanted = selection.name(name) && selection.type(how) && selection.ttl(ttlMs)
  const fate = !wanted ? ('excluded' as const) : bytes > maxBytes ? ('tooBig' as const) : ('copied' as const)
  return { key: name, slot, type: how, ttlMs, bytes, fate }
}

/** @throws LineError */
function readLine({ bytes }: RawLine) {
  if (!bytes) throw new LineError('longer than 64 MiB')
  const line = parseLine(bytes)
  return { how: line.type, item: itemOfLine(line, 0) }
}

function badLines(count: number, bad: readonly { number: number; what: string }[]): Problem {
  const list = bad.map(({ number, what }) => `line ${number}: ${what}`)
  const more = count > bad.length ? `; and ${count - bad.length} more` : ''
  return {
    reason: `${count} bad ${count === 1 ? 'line' : 'lines'}: ${list.join('; ')}${more}`,
    todo: 'mend the file; each line is {"key": ..., "type": ..., "value": ..., "ttl": seconds}, see docs/operations.md',
  }
}
