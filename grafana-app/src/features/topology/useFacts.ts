import { ofCluster } from '../../queries/selector'
import { usePrometheus } from '../../queries/usePrometheus'
import type { Fact } from './fact'

/** Figures of every node of the cluster now, by the names of the facts; rates are those of five minutes. */
export function useFacts<Name extends string>(
  cluster: string,
  facts: Readonly<Record<Name, Pick<Fact, 'query'>>>,
) {
  const names = Object.keys(facts) as Name[]
  return usePrometheus(
    Object.fromEntries(names.map((name) => [name, facts[name].query(ofCluster(cluster), '5m')])) as Record<
      Name,
      string
    >,
  )
}
