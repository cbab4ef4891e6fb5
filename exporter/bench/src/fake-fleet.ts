import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePorts } from '../../../stack/dist/ports.js'

export interface FakeNode {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly role: 'primary' | 'replica'
  readonly primaryId: string
  /** `0-16383`; empty for a replica. */
  readonly slots: string
}

/** What the fleet's processes are told. */
export type ToFake = { readonly nodes: readonly FakeNode[] } | { readonly hung: string }

export interface FakeFleet {
  readonly nodes: readonly FakeNode[]
  /** Makes one node accept connections and say nothing; '' makes all of them answer again. */
  hang(host: string): void
  stop(): Promise<void>
}

/** So that the nodes answer on both cores of a small machine. */
const PROCESSES = 2

/**
 * Starts a simulated cluster of any size in processes of its own: every second node is a replica.
 * @param models addresses of a real primary and a real replica, whose replies are replayed
 */
export async function startFakeFleet(
  size: number,
  models: { primary: string; replica: string },
): Promise<FakeFleet> {
  const ports = await freePorts(PROCESSES)
  const nodes = Array.from({ length: size }, (_, index) => fakeNode(index, size, ports))
  const processes = await Promise.all(
    ports.map(async (port) => {
      const args = [String(port), models.primary, models.replica]
      const child = fork(join(import.meta.dirname, 'fake-nodes.js'), args, { execArgv: [] })
      await Promise.race([
        once(child, 'message'),
        once(child, 'exit').then(() => Promise.reject(new Error('the simulated nodes ended at their start'))),
      ])
      return child
    }),
  )
  const tell = (message: ToFake): void => processes.forEach((child) => child.send(message))
  tell({ nodes })
  return {
    nodes,
    hang: (hung) => tell({ hung }),
    stop: async () => {
      await Promise.all(processes.map(end))
    },
  }
}

function fakeNode(index: number, size: number, ports: readonly number[]): FakeNode {
  const role = index % 2 === 0 ? 'primary' : 'replica'
  const primaries = Math.ceil(size / 2)
  const first = Math.ceil(((index / 2) * 16_384) / primaries)
  const last = Math.ceil(((index / 2 + 1) * 16_384) / primaries) - 1
  return {
    id: idOf(index),
    host: `127.1.${index >> 8}.${index & 255}`,
    // A pair of primary and replica shares a process, the pairs are divided.
    port: ports[(index >> 1) % ports.length]!,
    role,
    primaryId: role === 'primary' ? '' : idOf(index - 1),
    slots: role === 'primary' ? `${first}-${last}` : '',
  }
}

function idOf(index: number): string {
  return index.toString(16).padStart(40, '0')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
