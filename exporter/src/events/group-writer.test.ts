import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { NO_HEAD, type ChainedRow, type DraftAppend } from './chain.js'
import { GroupWriter, type AppendAnswer, type AppendGroup } from './group-writer.js'

const append = (stream: string, events = 1): DraftAppend[] => [
  {
    stream,
    events: Array.from({ length: events }, (_, n) => ({
      id: `${n}`,
      source: 's',
      type: 't',
      time: '2026-11-22T00:00:00Z',
      payload: {},
    })),
  },
]

/** A store that answers what it is told to; `taken` lists the events of each group, or what became of it. */
function makeStore(answer: (rows: readonly ChainedRow[]) => AppendAnswer[]) {
  const taken: (string[] | 'abandoned')[] = []
  let broken = false
  const open = (): AppendGroup => {
    const rows: ChainedRow[] = []
    return {
      append: () => undefined,
      event(row) {
        if (broken) throw new Error('out of memory')
        rows.push(row)
      },
      commit() {
        taken.push(rows.map(({ stream, version }) => `${stream} ${version}`))
        return Promise.resolve(answer(rows))
      },
      abandon: () => taken.push('abandoned'),
    }
  }
  return {
    writer: new GroupWriter('test', open, () => undefined),
    taken,
    break: (on: boolean) => (broken = on),
  }
}

describe('appends to a store', () => {
  it('are chained when the store has told the heads, and then on what this process knows', async () => {
    const { writer, taken } = makeStore((rows) => [rows.length ? { first: 1 } : { heads: [NO_HEAD] }])
    await writer.append(append('a'))
    await writer.append(append('a', 2))
    expect(taken).toEqual([[], ['a 1'], ['a 2', 'a 3']])
  })

  it('of a stream stay in their order where the store is asked for a head first', async () => {
    let appends = 0
    const taken: string[] = []
    const open = (): AppendGroup => {
      const answers: AppendAnswer[] = []
      return {
        append: (_, heads) => answers.push({ heads: heads.map(() => NO_HEAD) }),
        event({ stream, id }) {
          taken.push(`${stream} ${id}`)
          answers[answers.length - 1] = { first: 1 }
        },
        commit: () => Promise.resolve(answers),
        abandon: () => undefined,
      }
    }
    const writer = new GroupWriter('test', open, () => undefined)
    const one = (stream: string) =>
      append(stream).map((of) => ({ ...of, events: [{ ...of.events[0]!, id: `${appends++}` }] }))
    await writer.append(one('a'))
    await Promise.all([writer.append([...one('a'), ...one('b')]), writer.append(one('a'))])
    expect(taken).toEqual(['a 0', 'a 1', 'b 2', 'a 3'])
  })

  it('go on after one that broke off half-way, which the store forgets', async () => {
    const store = makeStore((rows) => [rows.length ? { first: 1 } : { heads: [NO_HEAD] }])
    await store.writer.append(append('a'))
    store.break(true)
    await expect(store.writer.append(append('a'))).rejects.toThrow('out of memory')
    store.break(false)
    await store.writer.append(append('a'))
    // What the store has now is asked for again.
    expect(store.taken).toEqual([[], ['a 1'], 'abandoned', [], ['a 1']])
    await store.writer.idle()
  })

  it.each([
    ['before others', ['alone', 'any', 'any']],
    ['behind others', ['any', 'any', 'alone']],
    ['between others', ['any', 'any', 'alone', 'any', 'any']],
  ])('go by themselves where they have a condition and come %s', async (_, turn) => {
    let underWay = 0
    const most: number[] = []
    const open = (condition?: string): AppendGroup => {
      const events: number[] = []
      return {
        append: () => events.push(0),
        event: () => events.push(events.pop()! + 1),
        async commit() {
          underWay++
          if (condition !== undefined) most.push(underWay)
          await setTimeout(1)
          if (condition !== undefined) most.push(underWay)
          underWay--
          return events.map((count) => (count > 0 ? { first: 1 } : { heads: [NO_HEAD] }))
        },
        abandon: () => undefined,
      }
    }
    const writer = new GroupWriter<string>('test', open, () => undefined)
    for (let n = 0; n < 3; n++) {
      const conditional = () => writer.append(append(`c${n}`), undefined, 'alone')
      await Promise.all(turn.map((one) => (one === 'alone' ? conditional() : writer.append(append('a')))))
    }
    expect(most).toEqual(Array.from({ length: 12 }, () => 1))
  })

  it('wait while they are held, but for those with a condition', async () => {
    const taken: string[] = []
    const open = (): AppendGroup => {
      const answers: AppendAnswer[] = []
      return {
        append: () => answers.push({ heads: [NO_HEAD] }),
        event({ stream }) {
          answers[answers.length - 1] = { first: 1 }
          taken.push(stream)
        },
        commit: () => Promise.resolve(answers),
        abandon: () => undefined,
      }
    }
    const writer = new GroupWriter<string>('test', open, () => undefined)
    await writer.append(append('before'))
    const held = writer.hold(async () => {
      const waiting = writer.append(append('held'))
      await writer.append(append('conditional'), undefined, 'a condition')
      taken.push('end of the work')
      return { waiting }
    })
    await writer.idle()
    expect(taken).toEqual(['before', 'conditional', 'end of the work', 'held'])
    const { waiting } = await held
    await waiting
    await expect(writer.hold(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await writer.append(append('after'))
    expect(taken.at(-1)).toBe('after')
  })

  it('are given up where the store tells other heads again and again', async () => {
    let version = 0
    const { writer } = makeStore(() => [{ heads: [{ version: version++, hash: 'another' }] }])
    await expect(writer.append(append('a'))).rejects.toThrow('200 tries came too late')
  })
})
