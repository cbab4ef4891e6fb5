import type { WarmupSpec } from '../../../contract/kinds/warmup.js'
import type { PlanBody } from '../../../contract/operations.js'
import type { RunContext } from '../../kind.js'
import type { Cluster } from '../../../redis/cluster.js'
import type { SlotRange } from '../../../redis/replies.js'
import { ClusterCopy } from './cluster-copy.js'
import { caughtUp } from './caught-up.js'
import { noCounts } from './counts.js'
import { drawKeys } from './draw.js'
import { FileChanged, FileCopy } from './file-copy.js'
import { SourceFile } from './files.js'
import type { NodeFacts } from '../../nodes/node-facts.js'
import { NodeLinks } from './node-links.js'
import type { Sampled } from './sample.js'
import { readingLink, sourceNodes } from './source-node.js'
import { NodeChanged } from '../../nodes/passing.js'
import { Forbids, type SourceOptions } from './source-readout.js'
import type { SourceProgress, WarmupState } from './state.js'
import { FROM_FILE, transferBetween, type Transfer } from './transfer.js'
import type { Work } from './work.js'

/** The comparison reads few keys: of the primary where the replica is further behind than this. */
const CATCH_UP_MS = 1000

/** The copying of one run. */
export interface Copy {
  /** Copies until nothing is left. @throws LimitReached, and what ends the run */
  run(): Promise<void>
  /** Its part of the checkpoint. */
  state(): Pick<WarmupState, 'todo' | 'again' | 'passes' | 'file'>
  /** Has these slots copied once more: what was written there may be lost. */
  reopen(slots: readonly SlotRange[]): void
  /** Ends it where it is, and counts what is known of the keys under way. `run` comes to its end then. */
  stop(error: Error): void
}

/** Where the keys of a run come from. */
export interface Origin {
  readonly transfer: Transfer
  copy(work: Work, sources: Map<string, SourceProgress>, state: WarmupState | undefined): Copy
  /** Draws about so many keys at random; not from a file. @param target where they must not be yet; undefined: they may */
  draw?(work: Work, count: number, target: NodeLinks | undefined): Promise<Sampled[]>
  /** For the comparison; undefined where nothing can be read again. */
  links(): Promise<NodeLinks | undefined>
  close(): Promise<void>
}

/** @throws FileRefused, FileChanged, Forbids; NodeChanged, NodeError the source cannot be read yet */
export function openOrigin(
  spec: WarmupSpec,
  context: RunContext,
  options: SourceOptions,
  targets: readonly NodeFacts[],
): Promise<Origin> {
  return spec.source.type === 'file'
    ? fileOrigin(spec.source.path, context, options)
    : clusterOrigin(spec, context, options, targets)
}

async function fileOrigin(path: string, { body }: RunContext, { dir }: SourceOptions): Promise<Origin> {
  const planned = body.details.file as { bytes: number; sha256: string }
  const file = await SourceFile.open(dir, path)
  if (file.bytes !== planned.bytes) {
    await file.close()
    throw new FileChanged(`${path} was changed since the plan`)
  }
  return {
    transfer: FROM_FILE,
    copy(work, sources, state) {
      const { lines } = body.details.file as { lines: number }
      const progress: SourceProgress = sources.get(path) ?? {
        name: path,
        total: lines,
        outcome: 'waiting',
        note: '',
        counts: noCounts(),
      }
      sources.set(path, progress)
      return new FileCopy(work, file, planned.sha256, progress, state)
    },
    links: () => Promise.resolve(undefined),
    close: () => file.close(),
  }
}

async function clusterOrigin(
  spec: WarmupSpec,
  { body: { details } }: RunContext,
  { source, clientName }: SourceOptions,
  targets: readonly NodeFacts[],
): Promise<Origin> {
  if (!source)
    throw new Forbids([{ reason: 'the source is not configured here any more', todo: 'configure it again' }])
  await source.refresh()
  const { nodes, errors } = await sourceNodes(source, clientName)
  const silent = [...source.errors, ...errors]
  if (nodes.length === 0 || silent.length > 0)
    throw new NodeChanged(`the source cannot be read yet: ${silent.join('; ') || 'no node serves slots'}`)
  const transfer = asPlanned(transferBetween(nodes, targets, spec.restore), details)
  return {
    transfer,
    copy: (work, sources, state) => new ClusterCopy(work, source, clientName, sources, state),
    async draw(work, count, target) {
      const keys = nodes.reduce((sum, node) => sum + node.keys, 0)
      const { selection, now, pace } = work
      const room = (bytes: number) => pace.pass(bytes)
      const options = { selection, transfer, maxBytes: spec.select.maxBytes, now, room, target }
      const drawn = await Promise.all(
        nodes.map(async (node) => {
          const link = readingLink(source, node, clientName)
          const share = Math.round((count * node.keys) / Math.max(1, keys))
          return drawKeys(link, share, options).finally(() => link.close())
        }),
      )
      return drawn.flat()
    },
    links: () => linksOf(source, clientName),
    close: () => Promise.resolve(),
  }
}

/** What was planned to be written by type is not restored because versions have changed since. */
function asPlanned(transfer: Transfer, { transfer: planned, why }: PlanBody['details']): Transfer {
  if (planned !== 'typed' || transfer.mode === 'typed') return transfer
  return { ...transfer, mode: 'typed', why: String(why), heat: undefined, dumpsStrings: false }
}

async function linksOf(source: Cluster, clientName: string): Promise<NodeLinks> {
  await source.refresh()
  const { nodes: chosen } = await sourceNodes(source, clientName)
  const nodes = await Promise.all(
    chosen.map((node) => caughtUp(source, node, { clientName, waitMs: CATCH_UP_MS })),
  )
  const byAddress = new Map(nodes.map((one) => [one.node.address, one]))
  return new NodeLinks(nodes, ({ address }) => readingLink(source, byAddress.get(address)!, clientName))
}
