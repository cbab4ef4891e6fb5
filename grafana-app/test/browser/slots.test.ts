import { expect } from 'vitest'
import type { RedisNode } from '../../../stack/src/redis-node.js'
import { test } from './app.js'
import { violations } from './axe.js'

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

test('slots on their way are named while they are, and earlier owners are a slider away', async ({ app }) => {
  const [from, to] = app.stack.demo.nodes.slice(0, 2) as [RedisNode, RedisNode]
  const [fromId, toId] = await Promise.all([from.cli('CLUSTER', 'MYID'), to.cli('CLUSTER', 'MYID')])
  await to.cli('CLUSTER', 'SETSLOT', '7', 'IMPORTING', fromId)
  await from.cli('CLUSTER', 'SETSLOT', '7', 'MIGRATING', toId)
  try {
    const page = await app.open('/clusters/demo/slots')
    const moves = page.getByRole('table', { name: 'Slots on their way' })
    await moves.getByRole('button', { name: 'Show slot 7 on the map' }).click()
    const map = page.getByRole('slider', { name: 'Slot', exact: true })
    await expect
      .poll(() => map.getAttribute('aria-valuetext'))
      .toBe(`Slot 7: shard 1, ${from.address}, on its way to ${to.address}`)
    await page.getByRole('button', { name: 'Earlier' }).click()
    const moment = page.getByRole('slider', { name: 'Moment' })
    await moment.focus()
    await page.keyboard.press('Home')
    await page.getByText('As it was').waitFor()
    expect(await violations(page)).toEqual([])
    // what is on its way now was not then
    expect(await moves.count()).toBe(0)
    await page.reload()
    await page.getByText('As it was').waitFor()
    await page.getByRole('button', { name: 'Back to now' }).click()
    await moves.waitFor()
  } finally {
    for (const node of [from, to]) await node.cli('CLUSTER', 'SETSLOT', '7', 'STABLE')
  }
})
