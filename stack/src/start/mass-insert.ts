import { spawn } from 'node:child_process'
import { locateServer } from '../servers.js'

const SLOTS = 16_384

/** A command with its key, of ASCII characters. */
export type Command = readonly [name: string, key: string, ...rest: (string | number)[]]

/**
 * Writes into a cluster as startCluster makes it, by `redis-cli --pipe`, each command to the primary of its key.
 * https://redis.io/docs/latest/develop/clients/patterns/bulk-loading
 * @param primaries their ports, in the order of their slots
 * @returns how many commands were written
 * @throws what redis-cli says when a command is refused
 */
export async function massInsert(primaries: readonly number[], commands: Iterable<Command>): Promise<number> {
  const parts = primaries.map((): string[] => [])
  let count = 0
  for (const command of commands) {
    parts[Math.floor((slotOf(command[1]) * primaries.length) / SLOTS)]!.push(encode(command))
    count++
  }
  await Promise.all(primaries.map((port, index) => pipe(port, parts[index]!.join(''))))
  return count
}

/** The slot of a key without a hash tag: CRC16 (XMODEM). https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec */
export function slotOf(key: string): number {
  let crc = 0
  for (let i = 0; i < key.length; i++) {
    crc ^= key.charCodeAt(i) << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  }
  return crc & (SLOTS - 1)
}

function encode(command: Command): string {
  return `*${command.length}\r\n${command.map((part) => `$${String(part).length}\r\n${part}\r\n`).join('')}`
}

async function pipe(port: number, content: string): Promise<void> {
  const cli = spawn(locateServer('redis-cli') ?? 'redis-cli', [
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '--pipe',
  ])
  let said = ''
  for (const stream of [cli.stdout, cli.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-500)))
  // How it ended says more than a broken pipe.
  cli.stdin.on('error', () => undefined)
  cli.stdin.end(content, 'latin1')
  const code = await new Promise<number | null>((resolve, reject) => {
    cli.once('error', reject).once('close', resolve)
  })
  if (code !== 0) throw new Error(`filling the node on port ${port} failed: ${said.trim()}`)
}
