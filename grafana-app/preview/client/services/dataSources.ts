import {
  DataSourcePlugin,
  PluginType,
  type DataQuery,
  type DataSourceApi,
  type DataSourceInstanceSettings,
  type DataSourceRef,
  type MetricFindValue,
  type ScopedVars,
} from '@grafana/data'
import { DataSourceWithBackend, getBackendSrv, getTemplateSrv, type DataSourceSrv } from '@grafana/runtime'
import type { BootDataSource } from '../../../../stack/src/preview/boot'

interface PrometheusQuery extends DataQuery {
  expr: string
}

/** Prometheus as far as panels need it: the server of the host translates the queries. */
class PrometheusDataSource extends DataSourceWithBackend<PrometheusQuery> {
  override applyTemplateVariables(query: PrometheusQuery, scopedVars: ScopedVars): PrometheusQuery {
    return { ...query, expr: getTemplateSrv().replace(query.expr, scopedVars) }
  }

  override filterQuery(query: PrometheusQuery): boolean {
    return query.expr !== ''
  }

  /** Variables: `label_values(metric, label)` and nothing else. */
  override async metricFindQuery(query: unknown): Promise<MetricFindValue[]> {
    const text = typeof query === 'string' ? query : (query as { query?: string }).query
    const asked = /^label_values\((.+),\s*(\w+)\)$/.exec(text ?? '')
    if (!asked) return []
    const { data } = await getBackendSrv().get<{ data: string[] }>(
      `/api/datasources/uid/${this.uid}/resources/api/v1/label/${asked[2]}/values`,
      { 'match[]': getTemplateSrv().replace(asked[1]) },
    )
    return data.map((value) => ({ text: value }))
  }
}

export const prometheusPlugin = new DataSourcePlugin(PrometheusDataSource as never)

/** The data sources of the host: one Prometheus, the default. */
export class PreviewDataSourceSrv implements DataSourceSrv {
  private readonly settings: DataSourceInstanceSettings[]
  private readonly instances = new Map<string, DataSourceApi>()

  constructor(sources: readonly BootDataSource[]) {
    this.settings = sources.map(instanceSettings)
  }

  async get(ref?: DataSourceRef | string | null, scopedVars?: ScopedVars): Promise<DataSourceApi> {
    const settings = this.getInstanceSettings(ref, scopedVars)
    if (!settings) throw new Error(`Datasource ${JSON.stringify(ref)} was not found`)
    const instance =
      this.instances.get(settings.uid) ?? (new PrometheusDataSource(settings) as unknown as DataSourceApi)
    instance.meta = settings.meta
    this.instances.set(settings.uid, instance)
    return Promise.resolve(instance)
  }

  getList({ type, pluginId, filter }: Parameters<DataSourceSrv['getList']>[0] = {}): typeof this.settings {
    const types = [type, pluginId].flat().filter((one) => one !== undefined)
    return this.settings.filter(
      (one) => (types.length === 0 || types.includes(one.type)) && (filter?.(one) ?? true),
    )
  }

  getInstanceSettings(ref?: DataSourceRef | string | null, scopedVars?: ScopedVars) {
    const { uid, type } = typeof ref === 'string' ? { uid: ref } : { uid: undefined, ...ref }
    const wanted = getTemplateSrv().replace(uid ?? '', scopedVars)
    if (wanted === '' || wanted === 'default')
      return this.settings.find((one) => (type === undefined ? one.isDefault : one.type === type))
    return this.settings.find((one) => one.uid === wanted || one.name === wanted)
  }

  reload(): Promise<void> {
    return Promise.resolve()
  }

  registerRuntimeDataSource(): void {
    throw new Error('the preview host has no runtime data sources')
  }
}

export function instanceSettings(source: BootDataSource): DataSourceInstanceSettings {
  const logo = 'public/img/prometheus.svg'
  return {
    ...source,
    access: 'proxy',
    readOnly: true,
    jsonData: {},
    meta: {
      id: source.type,
      name: 'Prometheus',
      type: PluginType.datasource,
      module: '',
      baseUrl: '',
      metrics: true,
      info: {
        author: { name: '' },
        description: '',
        links: [],
        logos: { small: logo, large: logo },
        screenshots: [],
        updated: '',
        version: '',
      },
    },
  }
}
