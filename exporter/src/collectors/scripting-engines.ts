import type { Labels, Samples } from '../exposition/families.js'
import type { InfoFields } from '../redis/replies.js'
import { family, gauge, infoSection, numbered, numberOf } from './table.js'

/** INFO scriptingengines (Valkey 9.1 and later). */
export const scriptingEngines = infoSection('scriptingengines', {
  engines_count: gauge('scripting_engines_count', 'Scripting engines.'),
  engines_total_used_memory: gauge('scripting_engines_memory_used_bytes', 'Bytes of all scripting engines.'),
  engines_total_memory_overhead: gauge(
    'scripting_engines_memory_overhead_bytes',
    'Overhead of all scripting engines in bytes.',
  ),
})

const info = family('gauge', 'scripting_engine_info', 'A scripting engine; always 1.')
const used = family('gauge', 'scripting_engine_memory_used_bytes', 'Bytes of a scripting engine.')
const overhead = family(
  'gauge',
  'scripting_engine_memory_overhead_bytes',
  'Overhead of a scripting engine in bytes.',
)

export const scriptingEngineFamilies = [info, used, overhead]

/** The lines from `engine_0` on. */
export function collectEngines(info: InfoFields, samples: Samples): void {
  for (const line of numbered(info, 'engine_')) collectEngine(line, samples)
}

/** `engine_0:name=LUA,module=lua,abi_version=4,used_memory=69632,memory_overhead=64`. */
function collectEngine(value: string, samples: Samples): void {
  const fields = new Map(
    value.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )
  const [usedBytes, overheadBytes] = ['used_memory', 'memory_overhead'].map((field) =>
    numberOf(fields.get(field)),
  )
  const [name, module, version] = ['name', 'module', 'abi_version'].map((field) => fields.get(field))
  if (name === undefined || usedBytes === undefined || overheadBytes === undefined) return
  const labels: Labels = [
    ['engine', name],
    ['module', module ?? ''],
    ['abi_version', version ?? ''],
  ]
  samples.add(info, 1, labels)
  samples.add(used, usedBytes, labels)
  samples.add(overhead, overheadBytes, labels)
}
