import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InfoLines, InfoText, readInfo, visitInfo } from './info.js'

const read = (text: string) => Object.fromEntries(readInfo(Buffer.from(text)))

describe('readInfo', () => {
  it('reads fields and passes over headings and empty lines', () => {
    expect(read('# Server\r\nredis_version:7.0.15\r\n\r\n# CPU\r\nused_cpu_sys:0.1')).toEqual({
      redis_version: '7.0.15',
      used_cpu_sys: '0.1',
    })
  })

  it('splits at the first colon and keeps empty values', () => {
    expect(read('cmdstat_get:calls=1,usec=2\nconfig_file:\nlistener0:name=tcp,bind=::1')).toEqual({
      cmdstat_get: 'calls=1,usec=2',
      config_file: '',
      listener0: 'name=tcp,bind=::1',
    })
  })

  it('takes the first of a field that comes twice', () => {
    expect(read('cluster_state:ok\r\ncluster_state:fail\r\n')).toEqual({ cluster_state: 'ok' })
  })

  it('survives any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => readInfo(Buffer.from(bytes)).size <= bytes.length))
  })
})

describe('InfoText', () => {
  it('finds what readInfo reads', () => {
    const key = fc.constantFrom('a', 'b', 'ab', '#c', '', 'ü')
    const line = fc.oneof(
      fc.tuple(key, fc.constantFrom('', '1', 'a:2')).map((pair) => pair.join(':')),
      fc.constantFrom('', '# A', 'nonsense'),
    )
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), key, (lines, end, key) => {
        const bytes = Buffer.from(lines.join(end))
        const [fields, text] = [readInfo(bytes), new InfoText({ text: bytes })]
        expect(text.get(key)).toBe(fields.get(key))
        expect(text.has(key)).toBe(fields.has(key))
        expect([...text]).toEqual([...fields])
      }),
      { numRuns: 1000 },
    )
  })
})

/** What `InfoLines` reports, as `line key value`; undefined when the texts have another shape. */
function diff(before: string, after: string): string[] | undefined {
  const lines = new InfoLines()
  lines.update(Buffer.from(before))
  const seen = lines.updates
  lines.update(Buffer.from(after))
  return lines.changedSince(seen)?.map(({ number, key, value }) => `${number} ${key} ${value}`)
}

describe('InfoLines', () => {
  it('reports lines with another value, numbered as visitInfo comes by them', () => {
    expect(
      diff(
        '# A\r\na:1\r\nb:2\r\n\r\nnonsense\r\nc:x:1\r\n',
        '# A\r\na:1\r\nb:\r\n\r\nnonsense\r\nc:x:22\r\n',
      ),
    ).toEqual(['1 b ', '2 c x:22'])
  })

  it.each([
    ['a key', 'a:1\nb:2\n', 'a:1\nc:2\n'],
    ['a key that begins the same', 'a:1\nb:2\n', 'a:1\nbb:2\n'],
    ['a heading', '# A\na:1\n', '# B\na:1\n'],
    ['a line more', 'a:1\n', 'a:1\nb:2\n'],
    ['a line less', 'a:1\nb:2\n', 'a:1\n'],
  ])('tells another shape by %s', (_, before, after) => expect(diff(before, after)).toBeUndefined())

  it('agrees with visitInfo on any two texts', () => {
    const line = fc.oneof(
      fc
        .tuple(fc.constantFrom('a', 'b', '#c', ''), fc.constantFrom('', '1', '22', 'x:y'))
        .map((pair) => pair.join(':')),
      fc.constantFrom('', '# A', 'nonsense'),
    )
    const textOf = (lines: string[], end: string) => lines.map((line) => line + end).join('')
    fc.assert(
      fc.property(fc.array(line), fc.array(line), fc.constantFrom('\n', '\r\n'), (before, after, end) => {
        const changes = diff(textOf(before, end), textOf(after, end))
        if (!changes) return
        const visited = (text: Buffer) => {
          const fields: [string, string][] = []
          visitInfo(text, (keyStart, keyEnd, valueStart, valueEnd) =>
            fields.push([
              text.toString('utf8', keyStart, keyEnd),
              text.toString('utf8', valueStart, valueEnd),
            ]),
          )
          return fields
        }
        const [old, now] = [before, after].map((lines) => visited(Buffer.from(textOf(lines, end))))
        expect(now!.map(([key]) => key)).toEqual(old!.map(([key]) => key))
        expect(changes).toEqual(
          now!.flatMap(([key, value], i) => {
            const isRepeated = now!.findIndex(([other]) => other === key) < i
            return isRepeated || value === old![i]![1] ? [] : [`${i} ${key} ${value}`]
          }),
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('finds every change from text to text of the same keys', () => {
    const values = fc.array(fc.constantFrom('', '1', '2', '33', 'ok', '1234567'), {
      minLength: 5,
      maxLength: 5,
    })
    const textOf = (list: string[]) =>
      Buffer.from(`# A\r\n${list.map((value, i) => `k${i}:${value}\r\n`).join('\r\n# B\r\n')}`)
    fc.assert(
      fc.property(fc.array(values, { minLength: 1 }), (texts) => {
        const lines = new InfoLines()
        for (const [i, now] of texts.entries()) {
          lines.update(textOf(now))
          expect(lines.text).toEqual(textOf(now))
          // Whoever has looked later has less to look at.
          for (const [seen, then] of texts.slice(0, i).entries()) {
            const since = texts.slice(seen, i + 1)
            const changed = (line: number) => since.some((list) => list[line] !== then[line])
            expect(lines.changedSince(seen + 1)!.map(({ number, value }) => [number, value])).toEqual(
              now.flatMap((value, line) => (changed(line) ? [[line, value]] : [])),
            )
          }
        }
      }),
    )
  })
})
