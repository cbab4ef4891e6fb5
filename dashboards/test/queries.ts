/** All that a generated dashboard asks Prometheus. */
import { clusterDashboard } from '../src/cluster.js'

export interface DashboardQuery {
  /** The panel or annotation, and the query in it. */
  where: string
  expr: string
}

interface Target {
  refId?: string
  expr?: string
}

export const dashboard = clusterDashboard()

export interface DataPanel {
  type: string
  title?: string
  description?: string
  datasource?: { uid?: string }
  fieldConfig?: { defaults: { unit?: string } }
  gridPos?: { x: number; y: number; w: number; h: number }
  targets?: Target[]
}

/** Panels, without the titles of rows. */
export const panels: DataPanel[] = (dashboard.panels ?? []).filter(
  (panel): panel is typeof panel & DataPanel => panel.type !== 'row',
)

export const panelQueries: DashboardQuery[] = panels.flatMap((panel) =>
  (panel.targets ?? []).map(({ refId, expr }) => ({ where: `${panel.title!} ${refId!}`, expr: expr! })),
)

export const annotationQueries: DashboardQuery[] = (dashboard.annotations.list ?? []).flatMap(
  ({ name, expr }) => (expr === undefined ? [] : [{ where: name, expr }]),
)
