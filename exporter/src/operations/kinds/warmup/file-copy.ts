import { createHash } from 'node:crypto'
import { bulkOf, type SlotRange } from '../../../redis/replies.js'

import type { SourceFile } from './files.js'
import type { Item } from './item.js'
import { itemOfLine } from './line-item.js'
import { LineError, LineReader, parseLine, type RawLine } from './lines.js'
import type { Pages } from './pages.js'
import { SlotSet } from './slot-set.js'
import type { SourceProgress, WarmupState } from './state.js'
import { copyPage, pagesOf, type Work } from './work.js'

/** The file is not the one that was planned. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged'
}

type Mark = NonNullable<WarmupState['file']>

const START: Mark = { offset: 0, line: 0 }
const LINES_A_PAGE = 1000
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

  countNow(): void {
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
    let lines: RawLine[] = []
    const page = async () => {
      await pages.below(PAGES)
      await this.work.turn()
      this.#copy(pages, lines, only)
      lines = []
    }
    try {
      for await (const chunk of this.file.read() as AsyncIterable<Buffer>) {
        hash.update(chunk)
        for (const line of reader.push(chunk)) {
          if (line.end <= from) continue
          if (lines.push(line) >= LINES_A_PAGE) await page()
        }
      }
      lines.push(...reader.end().filter(({ end }) => end > from))
      if (lines.length > 0) await page()
      await pages.below(1)
    } catch (error) {
      pages.fail(error as Error)
      await pages.giveUp()
      throw error
    }
    if (hash.digest('hex') !== this.sha256)
      throw new FileChanged(`${this.file.path} was changed since the plan`)
  }

  #copy(pages: Pages<Mark>, lines: readonly RawLine[], only: SlotSet): void {
    const last = lines.at(-1)!
    const page = pages.open({ offset: last.end, line: last.number })
    const items: Item[] = []
    const { selection, spec, now } = this.work
    const at = now()
    for (const { bytes, number } of lines) {
      const item = itemOf(bytes, at)
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
    copyPage(this.work, page, items, (slice) => Promise.resolve(slice)).catch((error: unknown) =>
      pages.fail(error as Error),
    )
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
