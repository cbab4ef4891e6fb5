import type { Samples } from '../exposition/families.js'
import { readInfo, type NodeReading } from '../redis/replies.js'
import { moduleFields } from './modules-fields.js'
import { family, numberOf, repliesOf, type Collector } from './table.js'

const moduleInfo = family('gauge', 'module_info', 'A loaded module; always 1.')

/** INFO MODULES: a `module:name=…,ver=…,…` line a module, and the fields that the modules add. */
export const modules: Collector = {
  name: 'modules',
  source: 'INFO MODULES',
  readings: ['modules'],
  families: [moduleInfo, ...Object.values(moduleFields).map(({ family }) => family)],
  collect: collectModules,
}

const rules = new Map(Object.entries(moduleFields))
const LABELS = ['name', 'ver', 'api', 'filters', 'usedby', 'using']

function collectModules(reading: NodeReading, samples: Samples): void {
  const [text] = repliesOf(reading, 'modules')
  if (typeof text !== 'string') return
  for (const line of new Set(text.split('\r\n').filter((line) => line.startsWith('module:')))) {
    const fields = new Map(line.slice('module:'.length).split(',').map(pairOf))
    if (fields.has('name')) {
      samples.add(
        moduleInfo,
        1,
        LABELS.map((label) => [label, fields.get(label) ?? ''] as const),
      )
    }
  }
  for (const [field, value] of readInfo(Buffer.from(text))) {
    const rule = rules.get(field)
    const number = numberOf(value)
    if (rule && number !== undefined) samples.add(rule.family, number)
  }
}

function pairOf(pair: string): readonly [string, string] {
  const at = pair.indexOf('=')
  return [pair.slice(0, at), pair.slice(at + 1)]
}
