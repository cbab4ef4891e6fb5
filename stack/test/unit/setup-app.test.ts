import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { appParts, markBuilt, sourceDigest, staleParts } from '../../setup/app.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slotwise-app-'))
  for (const name of ['grafana-app/src/a.ts', 'grafana-app/preview/client/b.ts', 'pnpm-lock.yaml'])
    write(name, '1')
  for (const { makes } of Object.values(appParts)) write(makes, 'built')
  for (const name of ['plugin', 'preview host'] as const)
    markBuilt(name, sourceDigest(root, appParts[name].sources), root)
})
afterEach(() => rmSync(root, { recursive: true }))

function write(name: string, content: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true })
  writeFileSync(join(root, name), content)
}

describe('of the Grafana app is built', () => {
  test('nothing, when nothing has changed or only a test has', () => {
    expect(staleParts(root)).toEqual([])
    write('grafana-app/src/a.test.tsx', '1')
    expect(staleParts(root)).toEqual([])
  })

  test.each([
    ['a changed source', 'grafana-app/src/a.ts', ['plugin']],
    ['a new source', 'grafana-app/src/new.ts', ['plugin']],
    ['a dashboard', 'dashboards/generated/x.json', ['plugin']],
    ['a source of the host', 'grafana-app/preview/client/b.ts', ['preview host']],
    ['other packages', 'pnpm-lock.yaml', ['plugin', 'preview host']],
    ['another file', 'exporter/src/main.ts', []],
  ])('what %s concerns', (_, file, stale) => {
    write(file, '2')
    expect(staleParts(root)).toEqual(stale)
  })

  test('what is not there', () => {
    rmSync(join(root, appParts.plugin.makes))
    expect(staleParts(root)).toEqual(['plugin'])
  })
})
