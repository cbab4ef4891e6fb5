import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { metricsReference, optionsTable } from './reference.js'

const docs = new URL('../../../docs/', import.meta.url)

describe('the generated documentation', () => {
  it('docs/metrics.md is what the collectors say', async () => {
    await expect(metricsReference()).toMatchFileSnapshot('../../../docs/metrics.md')
  })

  it('docs/options.md is what the options say', async () => {
    const heading =
      '# Options\n\n<!-- Generated; do not edit. `npx vitest run reference -u` writes it anew. -->\n\n'
    await expect(heading + optionsTable()).toMatchFileSnapshot('../../../docs/options.md')
  })

  it('docs/configuration.md leads there', () => {
    expect(readFileSync(new URL('configuration.md', docs), 'utf8')).toContain('(options.md)')
  })
})
