import { useQuery } from '@tanstack/react-query'
import { useSettings } from '../app/settings'
import { NO_PROMETHEUS, PrometheusError, prometheusUid, queryNow } from './prometheus'

const REFRESH_MS = 15_000

/** The uid of the data source to ask; undefined when there is none. */
export function usePrometheusUid(): string | undefined {
  return prometheusUid(useSettings().prometheusUid)
}

/** Values of now, asked again every so often; without queries nothing is asked. */
export function usePrometheus<Name extends string>(queries: Readonly<Record<Name, string>>) {
  const uid = usePrometheusUid()
  return useQuery({
    queryKey: ['prometheus', uid, queries],
    queryFn: () => {
      if (uid === undefined) throw new PrometheusError(NO_PROMETHEUS)
      return queryNow(uid, queries)
    },
    enabled: Object.keys(queries).length > 0,
    refetchInterval: REFRESH_MS,
  })
}
