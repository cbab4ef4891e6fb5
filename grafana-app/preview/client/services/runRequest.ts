import {
  LoadingState,
  toDataFrame,
  type DataQueryRequest,
  type DataSourceApi,
  type PanelData,
} from '@grafana/data'
import { toDataQueryError } from '@grafana/runtime'
import { catchError, from, map, of, startWith, type Observable } from 'rxjs'

/** Runs a panel's queries and tells their state, as Grafana's own runRequest does without streaming. */
export function runRequest(dataSource: DataSourceApi, request: DataQueryRequest): Observable<PanelData> {
  const { range: timeRange } = request
  const idle: PanelData = { state: LoadingState.Loading, series: [], timeRange, request }
  const answer = dataSource.query(request)
  return from(answer).pipe(
    map(({ data, state = LoadingState.Done, error, errors }): PanelData => ({
      ...idle,
      state: error ? LoadingState.Error : state,
      series: data.map(toDataFrame),
      ...(error && { error }),
      ...(errors && { errors }),
    })),
    catchError((failure: unknown) => {
      const error = toDataQueryError(failure)
      return of<PanelData>({ ...idle, state: LoadingState.Error, error, errors: [error] })
    }),
    startWith(idle),
  )
}
