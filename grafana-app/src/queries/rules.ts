import { getBackendSrv, isFetchError } from '@grafana/runtime'
import { useQuery } from '@tanstack/react-query'
import { lastValueFrom } from 'rxjs'
import { answered, NO_PROMETHEUS, PrometheusError } from './prometheus'
import { usePrometheusUid } from './usePrometheus'

/** An alerting rule as Prometheus has loaded it. */
export interface Rule {
  readonly name: string
  readonly state: 'inactive' | 'pending' | 'firing' | 'unknown'
  /** Why it can't be evaluated; empty: it can. */
  readonly error: string
  /** Labels of what is pending or fires. */
  readonly active: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[]
}

/** What is read of Prometheus's answer. https://prometheus.io/docs/prometheus/latest/querying/api/#rules */
interface Answer {
  readonly data?: {
    readonly groups?: readonly {
      readonly rules?: readonly {
        readonly type?: string
        readonly name?: string
        readonly state?: Rule['state']
        readonly health?: string
        readonly lastError?: string
        readonly alerts?: Rule['active']
      }[]
    }[]
  }
}

export function rulesIn({ data }: Answer): readonly Rule[] {
  return (data?.groups ?? [])
    .flatMap(({ rules = [] }) => rules)
    .filter(({ type, name }) => type === 'alerting' && name !== undefined)
    .map(({ name = '', state = 'unknown', health, lastError, alerts = [] }) => ({
      name,
      state,
      error: health === 'err' ? (lastError ?? 'it can’t be evaluated') : '',
      active: alerts,
    }))
}

const REFRESH_MS = 30_000

/** The alerting rules of Prometheus, through Grafana's data source. */
export function useRules() {
  const uid = usePrometheusUid()
  return useQuery({
    queryKey: ['prometheus', uid, 'rules'],
    queryFn: async () => {
      if (uid === undefined) throw new PrometheusError(NO_PROMETHEUS)
      try {
        const url = `/api/datasources/uid/${encodeURIComponent(uid)}/resources/api/v1/rules?type=alert`
        const answer = getBackendSrv().fetch<Answer>({ method: 'GET', url, showErrorAlert: false })
        return rulesIn((await lastValueFrom(answer)).data)
      } catch (error) {
        if (!isFetchError<{ message?: string } | undefined>(error)) throw error
        throw answered(error)
      }
    },
    refetchInterval: REFRESH_MS,
  })
}
