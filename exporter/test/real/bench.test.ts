import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { repoRoot } from '../../../stack/src/servers.js'

const run = promisify(execFile)
const bench = join(repoRoot, 'exporter/bench/dist/main.js')

/** What it measures is nobody's business here: a test machine is busy. */
describe('the benchmarks', () => {
  it('run and print their tables', { timeout: 300_000 }, async () => {
    const args = [bench, 'exporter', '--rounds=1', '--nodes=2', '--simulated=20']
    const { stdout } = await run(process.execPath, args)
    expect(stdout).toMatch(/^2 real nodes/m)
    expect(stdout).toMatch(/^20 simulated nodes/m)
    for (const program of ['slotwise', 'redis_exporter 1.86']) expect(stdout).toContain(program)
    expect(stdout).toMatch(/CPU a node-scrape, plain +│ \d+ µs \(cheap: \d+ µs\) +│ \d+ µs/)
    expect(stdout).toMatch(/with one node hung +│ \d+ ms, 19 nodes up/)
  })

  it('fill a cluster by every program, and find every key there', { timeout: 180_000 }, async () => {
    const { stdout } = await run(process.execPath, [bench, 'warmup', '--rounds=1', '--keys=2000'])
    expect(stdout).toMatch(/^2000 strings of 100 bytes, a quarter with a TTL/m)
    expect(stdout).toMatch(/^2000 strings of 100 bytes from a JSON Lines file/m)
    expect(stdout).toMatch(/^2000 strings, hashes, lists, sets and sorted sets/m)
    expect(stdout).toMatch(/slotwise \/ redis-cli import, copying .* 10 x +│ [\d.]+ x/)
    expect(stdout).toMatch(/slotwise, file \/ redis-benchmark -P 64, copying .* [\d.]+ x/)
  })

  it('unlink the keys of a cluster by every program, and find none left', { timeout: 180_000 }, async () => {
    const { stdout } = await run(process.execPath, [bench, 'evict-keys', '--rounds=1', '--keys=2000'])
    expect(stdout).toMatch(/^2000 strings of 100 bytes on 3 primaries, all unlinked/m)
    expect(stdout).toMatch(/slotwise \/ SCAN \+ UNLINK, ioredis .* [\d.]+ x/)
    expect(stdout).toMatch(/^keys a second with a rate, over 1 s/m)
  })

  it('set a policy on every node, and count the round trips', { timeout: 180_000 }, async () => {
    const { stdout } = await run(process.execPath, [bench, 'policy', '--rounds=1', '--nodes=4'])
    expect(stdout).toMatch(/^A policy on 4 nodes 20 ms away/m)
    expect(stdout).toMatch(/round trips to a node: read; set and read back +│ [\d.]+ +│ < 3 +│ [\d.]+/)
  })

  it('append to both stores and beside them, and start with many events', { timeout: 180_000 }, async () => {
    const { stdout } = await run(process.execPath, [bench, 'events', '--rounds=1', '--events=2000'])
    expect(stdout).toMatch(/slotwise, SQLite \/ libsql .* 0\.5 x +│ [\d.]+ x/)
    expect(stdout).toMatch(/slotwise, Streams \/ XADD .* 0\.5 x +│ [\d.]+ x/)
    expect(stdout).toMatch(/all operations from a snapshot .* 1 s +│ [\d.]+ s/)
  })

  it('say what is wrong with their arguments', async () => {
    const refused = await run(process.execPath, [bench, 'speed']).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 2, stderr: 'bench: no suite is called speed; see --help\n' })
  })
})
