import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Samples, type Family } from './families.js'
import { renderText, renderValue, type Source } from './text.js'

const keys: Family = { name: 'db_keys', type: 'gauge', help: 'Keys.' }
const own: Family = { name: 'slotwise_build_info', type: 'gauge', help: 'Build.', own: true }

function source(labels: Source['labels'], ...adds: Parameters<Samples['add']>[]): Source {
  const samples = new Samples()
  for (const add of adds) samples.add(...add)
  return { labels, samples }
}

const render = (sources: Source[], namespace = 'redis') => [...renderText(sources, namespace)].join('')

describe('renderText', () => {
  it('writes each family once, with the samples of every source', () => {
    const text = render([
      source([['instance', 'a']], [keys, 1, [['db', 'db0']]]),
      source([['instance', 'b']], [keys, 2, [['db', 'db0']]], [own, 1]),
    ])
    expect(text).toBe(
      [
        '# HELP redis_db_keys Keys.',
        '# TYPE redis_db_keys gauge',
        'redis_db_keys{instance="a",db="db0"} 1',
        'redis_db_keys{instance="b",db="db0"} 2',
        '# HELP slotwise_build_info Build.',
        '# TYPE slotwise_build_info gauge',
        'slotwise_build_info{instance="b"} 1',
        '',
      ].join('\n'),
    )
  })

  it('leaves its own families out of the namespace', () => {
    expect(render([source([], [keys, 1], [own, 1])], 'valkey')).toMatch(
      /^# HELP slotwise_build_info[^]*valkey_db_keys 1\n$/,
    )
  })

  it('escapes what would break a line', () => {
    expect(render([source([], [{ ...keys, help: 'a\nb\\c' }, 1, [['db', 'x"\\\ny']]])])).toBe(
      '# HELP redis_db_keys a\\nb\\\\c\n# TYPE redis_db_keys gauge\nredis_db_keys{db="x\\"\\\\\\ny"} 1\n',
    )
  })

  it('never splits a family or makes a line that is not one sample', () => {
    const label = fc.tuple(
      fc.constantFrom('db', 'cmd'),
      fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\r', '}', 'é', '\u{1f600}', '\ud800') }),
    )
    const add = fc.tuple(fc.constantFrom(keys, own), fc.double(), fc.array(label, { maxLength: 1 }))
    fc.assert(
      fc.property(fc.array(fc.array(add, { maxLength: 5 }), { maxLength: 5 }), (adds) => {
        const text = render(adds.map((list) => source([], ...list)))
        const lines = text.split('\n').slice(0, -1)
        const names = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2])
        expect(new Set(names).size).toBe(names.length)
        expect(lines.length).toBe(names.length * 2 + adds.flat().length)
        for (const line of lines.filter((line) => !line.startsWith('#'))) {
          expect(line).toMatch(
            /^[a-z_]+(\{[a-z]+="(?:[^"\\]|\\["\\n])*"\})? (NaN|[+-]Inf|-?[\d.]+(e[+-]\d+)?)$/u,
          )
        }
      }),
    )
  })
})

describe('renderValue', () => {
  it.each([
    [0, '0'],
    [-1, '-1'],
    [0.1, '0.1'],
    [1e21, '1e+21'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [NaN, 'NaN'],
  ])('writes %s as Go reads it', (value, text) => expect(renderValue(value)).toBe(text))
})
