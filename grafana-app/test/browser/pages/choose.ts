import type { Locator } from 'playwright-core'

/** Takes an option of a combobox; its list opens outside of the form. */
export async function choose(root: Locator, label: string | RegExp, option: string): Promise<void> {
  const field = root.getByRole('combobox', { name: label })
  await field.click()
  await field.fill(option)
  await root.page().getByRole('option', { name: option }).first().click()
}
