import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { test } from './app.js'
import { EvictPage } from './pages/evict.js'

/** Presses Tab until what has the focus is this; by then it must be reached. */
async function tabTo(page: Page, what: RegExp): Promise<void> {
  const seen: string[] = []
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement
      const label = [...(element.labels ?? [])].map(({ innerText }) => innerText).join(' ')
      return element.getAttribute('aria-label') ?? (label || element.innerText)
    })
    seen.push(focused.slice(0, 40))
    if (what.test(focused)) return
  }
  throw new Error(`Tab does not reach ${what.source}: ${seen.join(' | ')}`)
}

/** Whether one sees where the focus is: it is drawn otherwise than without it. */
const showsFocus = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement
    const look = () => {
      const { outlineStyle, outlineWidth, boxShadow, borderColor, textDecorationLine } =
        getComputedStyle(element)
      return [outlineStyle, outlineWidth, boxShadow, borderColor, textDecorationLine].join()
    }
    const focused = look()
    element.blur()
    const blurred = look()
    element.focus()
    return focused !== blurred
  })

test('a policy is planned and run with the keyboard alone', async ({ app }) => {
  const page = await app.open('/clusters/cold/evict')
  const { flow, nodes } = EvictPage.on(page)
  await nodes.waitFor()
  await tabTo(page, /^Samples/)
  await page.keyboard.type('4')
  await tabTo(page, /^Plan$/)
  expect(await showsFocus(page)).toBe(true)
  await page.keyboard.press('Enter')
  await flow.at('Review')
  await tabTo(page, /^Continue to confirm$/)
  await page.keyboard.press('Enter')
  await flow.at('Confirm')
  // the field has the focus by itself
  await page.keyboard.type('cold')
  expect(await flow.clusterField.inputValue()).toBe('cold')
  await tabTo(page, /^Reason/)
  await page.keyboard.type('no mouse at hand')
  await tabTo(page, /^Set /)
  expect(await showsFocus(page)).toBe(true)
  await page.keyboard.press('Space')
  await flow.ended('Succeeded')
  for (const node of app.stack.cold.nodes)
    expect((await node.cli('CONFIG', 'GET', 'maxmemory-samples')).split('\n').at(1)).toBe('4')
})
