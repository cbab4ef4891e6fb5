import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What is wrong inside of Grafana's own components, which the app can only use as they are. */
const NOT_OURS: readonly { rule: string; node: RegExp }[] = [
  { rule: 'button-name', node: /RefreshPicker run button/ },
  { rule: 'label-content-name-mismatch', node: /RefreshPicker interval button|class="[^"]*-LegendLabel"/ },
]

/** A button that has just come to life is half-way between two colours: at once, it is what people read. */
const AT_REST = '*, ::before, ::after { transition: none !important; animation: none !important; }'

/**
 * What axe finds in the page's main part by WCAG 2.1 A and AA, a line each: for `toEqual([])`. Around it is Grafana.
 */
export async function violations(page: Page): Promise<string[]> {
  await page.addStyleTag({ content: AT_REST })
  await page.evaluate(source)
  const results = await page.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run('main', {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
      resultTypes: ['violations'],
    }),
  )
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes
      .filter(({ html }) => !NOT_OURS.some(({ rule, node }) => rule === id && node.test(html)))
      .map(({ html, failureSummary = '' }) => {
        const why = failureSummary.split('\n').slice(1).join(';').trim()
        return `${id} (${help}): ${html.slice(0, 300)} ${why.slice(0, 300)}`
      }),
  )
}
