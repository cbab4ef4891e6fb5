/**
 * A process that plays nodes of a cluster: it listens on every address of 127.0.0.0/8 at one port and answers what two
 * real nodes, a primary and a replica, answered. Started by fake-fleet.ts; ends when that does.
 *
 * What is asked for the first time is asked of the real node and remembered, pipeline by pipeline, so that an answer
 * costs one look-up and one write. Each answer is there in several versions, taken one after another and given in
 * turn, so that values change from scrape to scrape as they do with real nodes.
 */
import { createServer, type Socket } from 'node:net'
import { parseEndpoint } from '../../dist/redis/endpoint.js'
import { FrameReader, itemsOf } from '../../dist/redis/frames.js'
import { RawLink } from '../../dist/redis/raw-link.js'
import { bulkOf } from '../../dist/redis/replies.js'
import type { FakeNode, ToFake } from './fake-fleet.js'

const VERSIONS = 8
const VERSION_EVERY_MS = 250
const UPSTREAM_TIMEOUT_MS = 5000

interface Answer {
  readonly request: Buffer
  readonly versions: Buffer[]
  given: number
}

const [port, primary, replica] = process.argv.slice(2)
const links = { primary: linkTo(primary!), replica: linkTo(replica!) }
const answers = { primary: new Map<string, Answer>(), replica: new Map<string, Answer>() }
let nodes: readonly FakeNode[] = []
let byHost = new Map<string, FakeNode>()
let hung = ''

process.on('disconnect', () => process.exit())
process.on('message', (message: ToFake) => {
  if ('nodes' in message) {
    nodes = message.nodes
    byHost = new Map(nodes.map((node) => [node.host, node]))
  } else hung = message.hung
})

setInterval(() => {
  for (const role of ['primary', 'replica'] as const)
    for (const answer of answers[role].values())
      if (answer.versions.length < VERSIONS)
        void ask(role, answer.request).then((reply) => answer.versions.push(reply))
}, VERSION_EVERY_MS)

createServer({ noDelay: true }, (socket) => {
  const node = byHost.get(socket.localAddress ?? '')
  if (!node) {
    socket.destroy()
    return
  }
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    if (node.host !== hung) answer(node, chunk, socket)
  })
}).listen(Number(port), '0.0.0.0', () => process.send!('listening'))

/** A client sends a pipeline in one piece and waits for its answer, so a chunk is a pipeline. */
function answer(node: FakeNode, chunk: Buffer, socket: Socket): void {
  const key = chunk.toString('latin1')
  const known = answers[node.role].get(key)
  if (known) {
    socket.write(known.versions[known.given++ % known.versions.length]!)
    return
  }
  const synthetic = ownReplies(node, chunk)
  if (synthetic) {
    socket.write(synthetic)
    return
  }
  void ask(node.role, chunk).then((reply) => {
    answers[node.role].set(key, { request: Buffer.from(chunk), versions: [reply], given: 0 })
    socket.write(reply)
  })
}

async function ask(role: FakeNode['role'], request: Buffer): Promise<Buffer> {
  const count = new FrameReader().push(request).length
  return Buffer.concat(await links[role].exchange(request, count, UPSTREAM_TIMEOUT_MS))
}

/** Replies that name the fleet's own nodes; undefined for a pipeline that asks for anything else. */
function ownReplies(node: FakeNode, request: Buffer): Buffer | undefined {
  const replies = new FrameReader().push(request).map((command) => {
    const words = itemsOf(command).map((word) => bulkOf(word)?.toString().toUpperCase())
    return words.join(' ') === 'CLUSTER NODES' ? bulk(clusterNodes(node)) : undefined
  })
  if (replies[0] === undefined) return undefined
  return Buffer.from(replies.map((reply) => reply ?? '-ERR unknown subcommand\r\n').join(''))
}

function clusterNodes(myself: FakeNode): string {
  return nodes
    .map(({ id, host, port, role, primaryId, slots }) => {
      const flags = `${myself.id === id ? 'myself,' : ''}${role === 'primary' ? 'master' : 'slave'}`
      const of = role === 'primary' ? '-' : primaryId
      return `${id} ${host}:${port}@${port + 10_000} ${flags} ${of} 0 0 1 connected${slots && ` ${slots}`}\n`
    })
    .join('')
}

function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`
}

function linkTo(address: string): RawLink {
  return new RawLink(parseEndpoint(address))
}
