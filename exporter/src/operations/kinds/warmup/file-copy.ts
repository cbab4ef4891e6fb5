import { createHash } from 'node:crypto'
import { bulkOf, type SlotRange } from '../../../redis/replies.js'
import type { SourceFile } from './files.js'
import type { Item } from './item.js'
import { itemOfLine } from './line-item.js'
import { LineError, LineReader, parseLine, type RawLine } from './lines.js'
import type { Pages } from './pages.js'
import { SlotSet } from '../../slots/slot-set.js'
import type { SourceProgress, WarmupState } from './state.js'
import { copyPage, pagesOf, type Work } from './work.js'

/** The file is not the one that was planned. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged'
}

type Mark = NonNullable<WarmupState['file']>

const START: Mark = { offset: 0, line: 0 }
const MOST_LINES_A_PAGE = 1000
const BYTES_A_PAGE = 4 * 1024 ** 2
const PAGES = 6

/** Copies the lines of a file, in their order. Of a key that comes twice the first is kept, with `replace` the last. */
export class FileCopy {
  readonly #todo: SlotSet
  readonly #again: SlotSet
  #pages: Pages<Mark> | undefined
  #mark: Mark

  constructor(
    private readonly work: Work,
    private readonly file: SourceFile,
    private readonly sha256: string,
    private readonly progress: SourceProgress,
    state: WarmupState | undefined,
  ) {
    this.#todo = state ? new SlotSet(state.todo) : SlotSet.all()
    this.#again = new SlotSet(state?.again)
    this.#mark = state?.file ?? START
  }

  state(): Pick<WarmupState, 'todo' | 'again' | 'passes' | 'file'> {
    return {
      todo: this.#todo.ranges(),
      again: this.#again.ranges(),
      passes: {},
      file: this.#pages?.mark ?? this.#mark,
    }
  }

  /** Has these slots copied once more: what was written there may be lost. */
  reopen(ranges: readonly SlotRange[]): void {
    this.#again.addAll(new SlotSet(ranges))
  }

  stop(error: Error): void {
    this.#pages?.fail(error)
    this.#pages?.countNow()
  }

  /** @throws LimitReached, FileChanged, and what ends the run */
  async run(): Promise<void> {
    this.progress.outcome = 'working'
    while (this.#todo.size > 0) {
      // Before the first line everything is counted for the first time.
      const counted = this.#mark.line > 0 ? new SlotSet() : this.#again.and(this.#todo)
      this.#again.remove(counted)
      await this.#pass(this.#todo, counted)
      this.#todo.remove(SlotSet.all())
      this.#todo.addAll(this.#again)
      this.#mark = START
    }
    this.progress.outcome = 'done'
  }

  async #pass(only: SlotSet, again: SlotSet): Promise<void> {
    const pages = (this.#pages = pagesOf<Mark>(this.work, this.#mark, this.progress.counts, again))
    const from = this.#mark.offset
    const hash = createHash('sha256')
    const reader = new LineReader()
    /** Keys of the pages that are open. */
    const under: ReadonlySet<string>[] = []
    let lines = new Lines()
    const page = async () => {
      if (lines.list.length === 0) return
      await pages.below(PAGES)
      under.splice(0, under.length - pages.length)
      if (under.some((keys) => meet(keys, lines.keys))) await pages.below(1)
      await this.work.turn()
      under.push(lines.keys)
      this.#copy(pages, lines, only)
      lines = new Lines()
    }
    const take = async (raw: RawLine) => {
      if (raw.end <= from) return
      const item = itemOf(raw.bytes, this.work.now())
      if (item && lines.keys.has(item.key.toString('latin1'))) await page()
      lines.add(raw, item)
      if (lines.bytes >= BYTES_A_PAGE || lines.list.length >= this.#linesAPage()) await page()
    }
    try {
      for await (const chunk of this.file.read() as AsyncIterable<Buffer>) {
        hash.update(chunk)
        for (const line of reader.push(chunk)) await take(line)
      }
      for (const line of reader.end()) await take(line)
      await page()
      await pages.below(1)
    } catch (error) {
      pages.fail(error as Error)
      await pages.giveUp()
      throw error
    }
    if (hash.digest('hex') !== this.sha256)
      throw new FileChanged(`${this.file.path} was changed since the plan`)
  }

  /** At a slow rate so few that progress is told, and a restart goes on, often all the same. */
  #linesAPage(): number {
    return Math.max(10, Math.min(MOST_LINES_A_PAGE, this.work.pace.slice * 2))
  }

  #copy(pages: Pages<Mark>, { list, end }: Lines, only: SlotSet): void {
    const page = pages.open(end)
    const items: Item[] = []
    const { selection, spec } = this.work
    for (const { item, number } of list) {
      if (!item) {
        this.work.refused(`line ${number} is not as it was planned`)
        continue
      }
      if (!only.has(item.slot)) continue
      const wanted =
        selection.name(bulkOf(item.key)!) && selection.type(item.how) && selection.ttl(item.ttlMs)
      if (!wanted) page.drop('excluded', item.slot)
      else if (item.bytes > spec.select.maxBytes) page.drop('tooBig', item.slot)
      else items.push(item)
    }
    copyPage(this.work, page, items, (slice) => [slice]).catch((error: unknown) => pages.fail(error as Error))
  }
}

/** Lines that are on their way together. No key comes twice among them: of these the order would be lost. */
class Lines {
  readonly list: { readonly item: Item | undefined; readonly number: number }[] = []
  readonly keys = new Set<string>()
  end = START
  /** Of the values. */
  bytes = 0

  add({ end, number }: RawLine, item: Item | undefined): void {
    this.list.push({ item, number })
    this.end = { offset: end, line: number }
    if (!item) return
    this.bytes += item.value.length
    this.keys.add(item.key.toString('latin1'))
  }
}

function itemOf(bytes: Buffer | undefined, at: number): Item | undefined {
  try {
    return bytes && itemOfLine(parseLine(bytes), at)
  } catch (error) {
    if (error instanceof LineError) return undefined
    throw error
  }
}

function meet(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const one of others) if (some.has(one)) return true
  return false
}
