import { expect } from 'vitest'
import { test } from './app.js'

test('what fires and what is covered: the rules as Prometheus has loaded them', async ({ app }) => {
  const page = await app.open('/clusters/demo/overview')
  await page.getByRole('link', { name: 'What is not covered' }).click()
  const rules = page.getByRole('table', { name: 'Rules that Slotwise ships' })
  await rules.getByRole('row', { name: /^RedisNodeDown quiet page/ }).waitFor()
  await page.getByRole('heading', { name: 'What fires' }).waitFor()
  await rules.getByRole('button', { name: 'Severity' }).click()
  await page.reload()
  const header = rules.getByRole('columnheader', { name: 'Severity' })
  await expect.poll(() => header.getAttribute('aria-sort')).toBe('ascending')
  expect(await rules.getByText('not loaded').count()).toBe(0)
})
