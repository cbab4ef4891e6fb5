/** What the reader chooses: data source, one cluster, some or all of its nodes. */
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { datasource } from './panels.js'
import * as query from './queries/variables.js'

const source = new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus')

const cluster = fromPrometheus('redis_cluster', 'Cluster', query.clusters)

const instance = fromPrometheus('instance', 'Node', query.instances)
  .multi(true)
  .includeAll(true)
  .allValue('.+')
  .current({ selected: true, text: ['All'], value: ['$__all'] })

function fromPrometheus(name: string, label: string, expr: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ qryType: 1, query: expr, refId: name })
    .definition(expr)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
}

export const variables = [source, cluster, instance]
