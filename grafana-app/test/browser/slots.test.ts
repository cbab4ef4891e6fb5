import { expect } from 'vitest'
import { test } from './app.js'

test('the map is gone through by keyboard and mouse, and the chosen slot stays over a reload', async ({
  app,
}) => {
  const page = await app.open('/clusters/demo/overview')
  await page.getByRole('tab', { name: 'Slots' }).click()
  const map = page.getByRole('slider', { name: 'Slot', exact: true })
  await map.focus()
  await page.keyboard.press('End')
  await expect.poll(() => map.getAttribute('aria-valuetext')).toMatch(/^Slot 16383: shard 3, /)
  await page.reload()
  await expect.poll(() => map.getAttribute('aria-valuenow')).toBe('16383')
  // drawn: the shards have colours of their own
  const colors = await page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data, width, height } = canvas
      .getContext('2d')!
      .getImageData(0, 0, canvas.width, canvas.height) as ImageData & { width: number; height: number }
    const at = (share: number) =>
      [...data.slice((Math.floor(height * share) * width + 2) * 4).slice(0, 3)].join()
    return [at(0.1), at(0.5), at(0.9)]
  })
  expect(new Set(colors).size).toBe(3)
  // in its middle
  await map.click()
  await expect.poll(() => map.getAttribute('aria-valuetext')).toMatch(/: shard 2, /)
  await page.getByRole('radio', { name: 'Keys' }).check({ force: true })
  await page.getByText('--collector.slot_stats').waitFor()
})
