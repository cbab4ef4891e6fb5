import type { Eviction, Health, StoredEvent } from '../../api/contract'
import { isPage, type Firing } from '../../features/alerts/firing'
import { laneOf, nameOf, say } from '../../features/events/sentences'
import { sayAny } from '../../features/eviction/limits'
import { PARAMETERS } from '../../features/eviction/parameters'
import type { Fact } from '../../features/topology/fact'
import { PARTS, TELLING } from '../../features/topology/facts'
import { checkName, isGone, names, withoutName } from '../../features/topology/causes'
import { stateOf, type Placed } from '../../features/topology/nodes'
import type { Beside } from '../../features/topology/peers'
import { duration } from '../../features/operations/text'

/** One thing that tells this node from others, with what it rests on. */
export interface Reason {
  readonly tone: 'bad' | 'warning' | 'plain'
  readonly text: string
  readonly evidence?: string
  /** Where the page shows more of it. */
  readonly part?: string
}

export interface Known {
  readonly placed: Placed
  readonly checks: Health['checks'] | undefined
  readonly alerts: readonly Firing[] | undefined
  readonly eviction: Eviction | undefined
  /** By the names in TELLING; undefined while Prometheus has not answered. */
  readonly beside: Readonly<Record<string, Beside>> | undefined
  /** About this node, newest first. */
  readonly events: readonly StoredEvent[]
  readonly uptimeSeconds: number | undefined
  readonly nowMs: number
}

/** A change so long ago at most is worth naming among the causes. */
const LATELY_MS = 3_600_000
const RESTARTED_SECONDS = 900
/** What happens to nodes; alerts and checks only tell of it. */
const CAUSES: ReadonlySet<string> = new Set(['topology', 'operations'])

/** Why this node? What is wrong with it first, then what is unlike its peers, then what changed lately. */
export function whyNode(known: Known): readonly Reason[] {
  const all = [
    ...ofState(known),
    ...ofChecks(known),
    ...ofAlerts(known),
    ...ofFigures(known),
    ...ofConfiguration(known),
    ...ofChanges(known),
  ]
  return all.toSorted((a, b) => TONES.indexOf(a.tone) - TONES.indexOf(b.tone))
}

const TONES = ['bad', 'warning', 'plain'] as const

function ofState({ placed: { node } }: Known): Reason[] {
  const { text } = stateOf(node)
  const answer: Reason[] = isGone(node)
    ? [
        {
          tone: 'bad',
          text: node.error === undefined ? 'The other nodes have flagged it as failed' : 'It does not answer',
          ...(node.error !== undefined && { evidence: withoutName(node.error, node.instance) }),
        },
      ]
    : text === 'OK'
      ? []
      : [{ tone: 'warning', text: `Its flags: ${text}` }]
  return node.link === 'down'
    ? [...answer, { tone: 'bad', text: 'Its link to its primary is down', part: 'replication' }]
    : answer
}

/** Failing checks that name it, but for those that say what its state says. */
function ofChecks({ checks = [], placed: { node } }: Known): Reason[] {
  const said = new Set(isGone(node) ? ['nodes_reachable', 'no_node_failing', 'links_up'] : ['links_up'])
  return checks
    .filter(
      ({ status, name, evidence }) =>
        status === 'failing' && !said.has(name) && names(evidence, node.instance),
    )
    .map(({ name, evidence }) => ({
      tone: 'warning' as const,
      text: `The check “${checkName(name)}” fails and names it`,
      evidence,
    }))
}

function ofAlerts({ alerts = [], placed: { node } }: Known): Reason[] {
  return alerts
    .filter((alert) => alert.node === node.instance)
    .map(({ name, severity, summary }) => ({
      tone: isPage(severity) ? ('bad' as const) : ('warning' as const),
      text: `The alert ${name} fires`,
      ...(summary !== undefined && { evidence: summary }),
    }))
}

function ofFigures({ beside = {}, placed: { node } }: Known): Reason[] {
  const peers = node.role === 'primary' ? 'primaries' : 'replicas'
  return Object.entries(TELLING).flatMap(([name, fact]): Reason[] => {
    const values = beside[name]
    if (values?.own === undefined) return []
    const { wrong } = fact
    if (wrong?.[0](values.own) && !(name === 'linkUp' && node.link === 'down'))
      return [
        {
          tone: 'bad',
          text: wrong[1],
          evidence: `${fact.label}: ${fact.say(values.own)}`,
          part: partOf(name),
        },
      ]
    if (values.times === undefined || !values.peers) return []
    return [
      {
        tone: 'warning',
        text: `${fact.label}: ${fact.say(values.own)}, ${howFar(values.times, fact)} the other ${peers}`,
        evidence: `the median of the other ${peers} is ${fact.say(values.peers.median)}`,
        part: partOf(name),
      },
    ]
  })
}

function howFar(times: number, { label }: Fact): string {
  if (!Number.isFinite(times)) return 'while there is none on'
  if (times === 0) return `none, unlike`
  return times > 1 ? `${Number(times.toPrecision(2))} times the ${label.toLowerCase()} of` : `far below`
}

function ofConfiguration({ eviction, placed: { node } }: Known): Reason[] {
  return (eviction?.drift ?? []).flatMap(({ parameter, values }): Reason[] => {
    const [most, ...others] = [...values].sort((a, b) => b.nodes.length - a.nodes.length)
    const own = others.find(({ nodes }) => nodes.includes(node.instance))
    if (!own || !most) return []
    const name = PARAMETERS[parameter]
    return [
      {
        tone: 'warning',
        text: `${name} is ${sayAny(name, own.value)}, unlike on most nodes`,
        evidence: `${sayAny(name, most.value)} on ${most.nodes.length} nodes`,
        part: 'configuration',
      },
    ]
  })
}

function ofChanges({ events, uptimeSeconds, nowMs }: Known): Reason[] {
  const restarted: Reason[] =
    uptimeSeconds !== undefined && uptimeSeconds < RESTARTED_SECONDS
      ? [{ tone: 'warning', text: `It was started ${duration(uptimeSeconds)} ago` }]
      : []
  const newest = events.find(
    (event) =>
      CAUSES.has(laneOf(event)) &&
      nameOf(event) !== 'cluster.discovered' &&
      nowMs - Date.parse(event.time) < LATELY_MS,
  )
  if (!newest) return restarted
  const ago = duration((nowMs - Date.parse(newest.time)) / 1000)
  return [...restarted, { tone: 'plain', text: `Last change, ${ago} ago: ${say(newest).text}` }]
}

/** In which part of the page a figure stands. */
const PART_OF = new Map(
  Object.entries(PARTS).flatMap(([part, { facts }]) => Object.keys(facts).map((name) => [name, part])),
)
const partOf = (name: string) => PART_OF.get(name) ?? ''

/** Whether an event names the node. Not by its id: the smallest id of a shard's nodes is also the shard's. */
export const isAbout = ({ data }: Pick<StoredEvent, 'data'>, { instance }: { readonly instance: string }) =>
  names(JSON.stringify(data ?? null), instance)
