import type { FiringAlert } from '../../api/contract'
import type { Sample } from '../../queries/prometheus'

/** Who says that an alert fires: the rules of Prometheus, or Alertmanager, which told the exporter. */
export type Source = 'Prometheus' | 'Alertmanager'

/** An alert that fires, whoever says so. */
export interface Firing {
  readonly key: string
  readonly name: string
  readonly severity: string | undefined
  readonly shard: string | undefined
  /** Instance of the node it is about. */
  readonly node: string | undefined
  /** What else tells it from others of its name: `parameter maxmemory`. */
  readonly about: string
  /** RFC 3339. */
  readonly since: string | undefined
  readonly summary: string | undefined
  readonly runbook: string | undefined
  readonly sources: readonly Source[]
}

type Labels = Readonly<Record<string, string>>

/** What columns show, or what says nothing here. */
const KNOWN = new Set([
  ...['__name__', 'alertname', 'alertstate', 'severity', 'redis_cluster', 'job', 'instance', 'shard'],
])

/** Labels that make an alert of Prometheus; its state and the name of the metric are none. */
const identity = (labels: Labels) =>
  Object.entries(labels).filter(([name]) => name !== '__name__' && name !== 'alertstate')

/** Alertmanager's labels are those of the alert and whatever external labels its Prometheus adds. */
const isOne = (prometheus: Labels, told: Labels) =>
  identity(prometheus).every(([name, value]) => told[name] === value)

function sayLabels(labels: Labels): string {
  return Object.entries(labels)
    .filter(([name]) => !KNOWN.has(name))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

/**
 * Alerts of both sources, each once, pages first.
 * @param firing series of ALERTS; undefined where Prometheus can't be asked
 * @param since series of ALERTS_FOR_STATE: when what an alert looks for began
 * @param told what Alertmanager told the exporter
 */
export function mergeAlerts(
  firing: readonly Sample[] = [],
  since: readonly Sample[] = [],
  told: readonly FiringAlert[] = [],
): readonly Firing[] {
  const rest = new Set(told)
  const ofPrometheus = firing.map(({ labels }): Firing => {
    const twin = told.find((alert) => isOne(labels, alert.labels))
    if (twin) rest.delete(twin)
    const began = since.find((sample) => sameLabels(sample.labels, labels))?.value
    return {
      key: JSON.stringify(identity(labels)),
      name: labels.alertname ?? 'an alert without a name',
      severity: labels.severity,
      shard: labels.shard,
      node: labels.instance,
      about: sayLabels(labels),
      since: began === undefined ? twin?.startsAt : new Date(began * 1000).toISOString(),
      summary: twin?.summary,
      runbook: twin?.runbook,
      sources: twin ? ['Prometheus', 'Alertmanager'] : ['Prometheus'],
    }
  })
  const others = [...rest].map(
    ({ fingerprint, name, severity, shard, node, labels, startsAt, summary, runbook }): Firing => ({
      key: fingerprint,
      name,
      severity,
      shard,
      node,
      about: sayLabels(labels),
      since: startsAt,
      summary,
      runbook,
      sources: ['Alertmanager'],
    }),
  )
  return [...ofPrometheus, ...others].sort(
    (a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name) || a.key.localeCompare(b.key),
  )
}

const WORST = ['critical', 'page', 'warning', 'ticket']
const rank = ({ severity = '' }: Firing) => (WORST.indexOf(severity) + WORST.length + 1) % (WORST.length + 1)

/** Whether somebody is woken by it. */
export const isPage = (severity: string | undefined) => severity === 'page' || severity === 'critical'

function sameLabels(a: Labels, b: Labels): boolean {
  const [one, other] = [new Map(identity(a)), new Map(identity(b))]
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value)
}
