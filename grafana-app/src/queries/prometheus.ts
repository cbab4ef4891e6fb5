import { FieldType, type DataFrame } from '@grafana/data'
import {
  getBackendSrv,
  getDataSourceSrv,
  isFetchError,
  toDataQueryResponse,
  type FetchError,
} from '@grafana/runtime'
import { lastValueFrom } from 'rxjs'

/** Why nothing can be asked. */
export const NO_PROMETHEUS =
  'There is no Prometheus data source. Add one, or choose one in the configuration.'

/** A question that Prometheus, or Grafana's data source before it, did not answer. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError'
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The data source to ask: the configured one, else the default Prometheus, else any; undefined when there is none. */
export function prometheusUid(configured: string | undefined): string | undefined {
  if (configured) return configured
  const all = getDataSourceSrv().getList({ type: 'prometheus' })
  return (all.find(({ isDefault }) => isDefault) ?? all[0])?.uid
}

/**
 * Values of now, by the names of the queries, through Grafana's data source.
 * @throws PrometheusError with what the data source says
 */
export async function queryNow<Name extends string>(
  uid: string,
  queries: Readonly<Record<Name, string>>,
): Promise<Record<Name, readonly Sample[]>> {
  const names = Object.keys(queries) as Name[]
  const now = Date.now()
  try {
    const response = await lastValueFrom(
      getBackendSrv().fetch({
        method: 'POST',
        url: '/api/ds/query',
        data: {
          from: String(now - 60_000),
          to: String(now),
          queries: names.map((refId) => ({
            refId,
            expr: queries[refId],
            instant: true,
            range: false,
            datasource: { type: 'prometheus', uid },
          })),
        },
        showErrorAlert: false,
      }),
    )
    const { data, errors } = toDataQueryResponse(response as never)
    const failed = errors?.[0]
    if (failed) throw new PrometheusError(failed.message ?? failed.data?.message ?? 'the data source failed')
    return Object.fromEntries(
      names.map((name) => [
        name,
        (data as DataFrame[]).filter(({ refId }) => refId === name).flatMap(samplesOf),
      ]),
    ) as Record<Name, Sample[]>
  } catch (error) {
    if (!isFetchError<{ message?: string } | undefined>(error)) throw error
    throw answered(error)
  }
}

/** What the data source said instead of an answer; of Grafana's and of the proxies before it only a status is known. */
export const answered = (error: FetchError<{ message?: string } | undefined>) =>
  new PrometheusError(error.data?.message ?? `the data source answered ${error.status}`, { cause: error })

function samplesOf(frame: DataFrame): Sample[] {
  return frame.fields
    .filter(({ type }) => type === FieldType.number)
    .flatMap(({ labels = {}, values }) => {
      const value: unknown = values.at(-1)
      return typeof value === 'number' ? [{ labels, value }] : []
    })
}
