import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseResult, type IConfiguration } from 'dependency-cruiser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'slotwise-imports-'))

/** Each a file to write, and the rule that has to catch it. */
const forbidden: [file: string, source: string, rule: string][] = [
  ['http/metrics/bad.ts', "import '../../collectors/catalogue.js'", 'http-imports'],
  ['services/scraper/bad.ts', "import '../discovery/changes.js'", 'services-scraper-imports'],
  ['services/discovery/bad.ts', "import '../../collectors/memory.js'", 'services-discovery-imports'],
  [
    'services/health/bad.ts',
    "import type { Config } from '../../config/config.js'",
    'services-health-imports',
  ],
  ['collectors/bad.ts', "import './memory.js'", 'collectors-siblings'],
  ['collectors/worse.ts', "import '../redis/raw-link.js'", 'collectors-imports'],
  ['exposition/bad.ts', "import '../redis/info.js'", 'exposition-imports'],
  ['redis/bad.ts', "import '../exposition/text.js'", 'redis-imports'],
  ['config/bad.ts', "import 'pino'", 'config-libraries'],
  ['config/worse.ts', "import '../redis/endpoint.js'", 'config-imports'],
  ['services/scraper/socket.ts', "import 'node:net'", 'sockets-only-in-redis'],
  ['events/bad.ts', "import 'libsql'", 'libsql-only-in-stores'],
  ['events/worse.ts', "import '../redis/command-link.js'", 'events-imports'],
  ['events/stores/bad.ts', "import '../../operations/kind.js'", 'events-stores-imports'],
  ['events/stores/socket.ts', "import 'ioredis'", 'sockets-only-in-redis'],
  ['redis/top.ts', "import '../cli/version.js'", 'composition-is-the-top'],
  ['operations/kinds/one/bad.ts', "import '../two/good.js'", 'operations-kinds-siblings'],
]

async function violations(directory: string): Promise<{ rule: string; from: string }[]> {
  const { default: configuration } = (await import(join(root, '.dependency-cruiser.mjs'))) as {
    default: IConfiguration
  }
  const { forbidden, options } = configuration
  const { output } = await cruise([directory], {
    ...options,
    ruleSet: { forbidden: forbidden! },
    validate: true,
  })
  return (output as ICruiseResult).summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }))
}

describe('the import rules', () => {
  beforeAll(() => {
    cpSync(join(root, 'exporter/src'), join(copy, 'src'), {
      recursive: true,
      filter: (file) => !file.endsWith('.test.ts'),
    })
    symlinkSync(join(root, 'exporter/node_modules'), join(copy, 'node_modules'))
    mkdirSync(join(copy, 'src/operations/kinds/two'), { recursive: true })
    writeFileSync(join(copy, 'src/operations/kinds/two/good.ts'), 'export const good = 1\n')
    for (const [file, source] of forbidden) {
      mkdirSync(dirname(join(copy, 'src', file)), { recursive: true })
      writeFileSync(join(copy, 'src', file), `${source}\n`)
    }
  })
  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  it('catch every forbidden import, each by its rule, and nothing else', { timeout: 60_000 }, async () => {
    const found = await violations(join(copy, 'src'))
    for (const [file, , rule] of forbidden) {
      expect(
        found.filter(({ from }) => from.endsWith(file)).map(({ rule }) => rule),
        file,
      ).toContain(rule)
    }
    expect(found.filter(({ from }) => !forbidden.some(([file]) => from.endsWith(file)))).toEqual([])
  })
})
