import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { existsSync } from 'node:fs'
import { startChild, whenUp } from '../../../stack/dist/child.js'
import { startExporter } from '../../../stack/dist/exporter.js'
import { answersOk } from '../../../stack/dist/http.js'
import { freePorts } from '../../../stack/dist/ports.js'
import { locateServer } from '../../../stack/dist/servers.js'
import type { ScrapeClient } from './scrape.js'

/** Slotwise or a redis_exporter, running. */
export interface Program {
  /** `slotwise`, `redis_exporter 1.86` */
  readonly name: string
  readonly pid: number
  readonly url: string
  stop(): Promise<unknown>
}

export const OURS = 'slotwise'

/** @param args what follows `slotwise serve` */
export async function startOurs(args: readonly string[]): Promise<Program> {
  const [port] = await freePorts(1)
  const exporter = await startExporter({ port: port!, args, env: { NODE_OPTIONS: '' } })
  return { name: OURS, pid: exporter.child.pid, url: exporter.url, stop: () => exporter.stop() }
}

/** A redis_exporter that was found. */
export interface Peer {
  readonly name: string
  readonly command: string
}

/**
 * The redis_exporters of this machine, the newest first, each version once: REDIS_EXPORTER, the one that the set-up
 * unpacks, and Debian's on PATH.
 */
export function findPeers(): Peer[] {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((dir) => ['redis_exporter', 'prometheus-redis-exporter'].map((name) => join(dir, name)))
  const candidates = [process.env.REDIS_EXPORTER ?? '', locateServer('redis_exporter') ?? '', ...onPath]
  const peers = new Map<string, Peer>()
  for (const command of candidates.filter((path) => path !== '' && existsSync(path))) {
    const { stdout, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8' })
    const version = /Exporter (\d+\.\d+)/.exec(stdout + stderr)?.[1]
    if (version !== undefined && !peers.has(version))
      peers.set(version, { name: `redis_exporter ${version}`, command })
  }
  return [...peers.entries()]
    .sort(([a], [b]) => b.localeCompare(a, 'en', { numeric: true }))
    .map(([, peer]) => peer)
}

/** Runs a peer with its defaults and no node of its own: everything comes through /scrape. */
export async function startPeer({ name, command }: Peer): Promise<Program> {
  const [port] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const child = startChild({
    name,
    command,
    args: ['--redis.addr=', `--web.listen-address=127.0.0.1:${port}`],
  })
  await whenUp(child, () => answersOk(`${url}/health`), { timeoutMs: 20_000, what: `${name} to answer` })
  return { name, pid: child.pid, url, stop: () => child.stop() }
}

/** The families of nodes that a peer exports, by name. */
export async function familiesOf(
  { url }: Program,
  address: string,
  client: ScrapeClient,
): Promise<ReadonlySet<string>> {
  const text = await client.text(`${url}/scrape?target=redis://${address}`)
  return new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!))
}
