import { Icon, LoadingPlaceholder, TextLink } from '@grafana/ui'
import type { ReactNode } from 'react'
import { paths } from '../../app/paths'
import { useHealth, useTopology } from '../../api/hooks'
import { PrometheusTrouble } from '../../components/states/PrometheusTrouble'
import { TroubleAlert } from '../../components/states/TroubleAlert'
import { causesOf, checkName } from '../../features/topology/causes'
import { placed } from '../../features/topology/nodes'
import { Lines } from '../../features/operations/Lines'
import { counted } from '../../features/operations/text'
import { up } from '../../queries/nodes'
import { useRules } from '../../queries/rules'
import { ofCluster } from '../../queries/selector'
import { usePrometheus } from '../../queries/usePrometheus'
import { coverageOf, uncovered } from './coverage'

/** What no alert would tell of: rules that are not there, nodes without data, checks without a rule. */
export function Blind({ cluster }: { readonly cluster: string }) {
  const rules = useRules()
  const figures = usePrometheus({ up: up(ofCluster(cluster), '5m') })
  const topology = useTopology(cluster)
  const health = useHealth(cluster)
  if (topology.error && !topology.data) return <TroubleAlert error={topology.error} />
  if (!topology.data || (!rules.data && !rules.error) || (!figures.data && !figures.error))
    return <LoadingPlaceholder text="Asking Prometheus for its rules…" />
  const covered = rules.error ? undefined : coverageOf(cluster, rules.data)
  const gaps = (covered ?? []).filter(({ state }) => state === 'missing' || state === 'broken')
  const scraped = new Set(figures.data?.up.map(({ labels }) => labels.instance))
  const nodes = placed(topology.data)
  const unseen = figures.error ? [] : nodes.filter(({ node }) => !scraped.has(node.instance))
  // What follows from a node that is gone is told by whoever tells of the node.
  const causes = causesOf(health.data?.checks ?? [], topology.data.shards)
  const alone = covered
    ? uncovered(
        causes.map(({ check }) => check),
        covered,
      )
    : []
  const lines: ReactNode[] = [
    ...(gaps.length > 0
      ? [
          <>
            {counted(gaps.length, 'rule')} of Slotwise {gaps.length === 1 ? 'is' : 'are'} not evaluated, so
            nobody is told when {gaps.map(({ notices }) => notices).join('; ')}.
          </>,
        ]
      : []),
    ...unseen.map(({ node: { instance } }) => (
      <>
        Prometheus has no data of <TextLink href={paths.node(cluster, instance)}>{instance}</TextLink>: no
        alert about it can fire. See that Prometheus reads /sd of the exporter.
      </>
    )),
    ...alone.map(({ name, evidence }) => (
      <>
        The check “{checkName(name)}” fails ({evidence}), and no alert tells of it.
      </>
    )),
  ]
  return (
    <>
      {/* Where nothing at all can be asked, what fires says so above. */}
      <PrometheusTrouble error={rules.error} missing="The alert rules" brief={figures.error !== null} />
      {!rules.error && <PrometheusTrouble error={figures.error} missing="Which nodes it has data of" />}
      {lines.length > 0 ? (
        <Lines label="What no alert tells of" lines={lines} />
      ) : (
        !rules.error &&
        !figures.error && (
          <p>
            <Icon name="check-circle" size="sm" aria-hidden /> Every rule that Slotwise ships is evaluated
            {nodes.length === 0
              ? '. No node is known, so nobody knows whose data is missing.'
              : ', and Prometheus has data of every node.'}
          </p>
        )
      )}
    </>
  )
}
