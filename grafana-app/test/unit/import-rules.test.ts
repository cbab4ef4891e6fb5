import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const app = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'slotwise-app-imports-'))
const copy = join(folder, 'grafana-app')

/** Each a file to write, and the rule that has to catch it. */
const forbidden: [file: string, source: string, rule: string][] = [
  ['api/bad.ts', "import '../components/age'", 'api-imports'],
  ['queries/bad.ts', "import '../api/client'", 'queries-imports'],
  ['components/bad.ts', "import '../features/events/filter'", 'components-imports'],
  ['features/events/bad.ts', "import '../../pages/clusters/sort'", 'features-imports'],
  ['features/events/worse.ts', "import '../topology/slots'", 'features-siblings'],
  ['pages/clusters/bad.ts', "import '../../app/App'", 'pages-imports'],
  ['pages/clusters/worse.ts', "import '../operations/filter'", 'pages-siblings'],
  ['panels/bad.ts', "import '../pages/clusters/sort'", 'panels-imports'],
  ['api/helper.ts', "import '../test/backend'", 'tests-stay-out'],
]

async function violations(directory: string): Promise<{ rule: string; from: string }[]> {
  const { default: configuration } = (await import(join(app, '.dependency-cruiser.mjs'))) as {
    default: IConfiguration
  }
  const { forbidden: rules, options } = configuration
  const { output } = await cruise([directory], { ...options, ruleSet: { forbidden: rules! }, validate: true })
  return (output as ICruiseResult).summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }))
}

describe("the app's import rules", () => {
  beforeAll(() => {
    cpSync(join(app, 'src'), join(copy, 'src'), {
      recursive: true,
      filter: (file) => !/[.]test[.]tsx?$/.test(file),
    })
    symlinkSync(join(app, 'node_modules'), join(copy, 'node_modules'))
    // src/test looks at what the exporter does, beside the app
    symlinkSync(join(app, '../exporter'), join(folder, 'exporter'))
    for (const [file, source] of forbidden) {
      mkdirSync(dirname(join(copy, 'src', file)), { recursive: true })
      writeFileSync(join(copy, 'src', file), `${source}\n`)
    }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

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
