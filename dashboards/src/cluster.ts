/** The dashboard of one cluster, for whoever was woken: from "is it serving?" down to the single node. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
  type Dashboard,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { annotations } from './annotations.js'
import { uid } from './links.js'
import { clients } from './rows/clients.js'
import { memory } from './rows/memory.js'
import { nodes } from './rows/nodes.js'
import { replication } from './rows/replication.js'
import { serving } from './rows/serving.js'
import { traffic } from './rows/traffic.js'
import { variables } from './variables.js'

const rows: [string, Builder<Panel>[]][] = [
  ['Is it serving?', serving],
  ['Which node?', nodes],
  ['Traffic', traffic],
  ['Memory and keys', memory],
  ['Clients and network', clients],
  ['Replication', replication],
]

/* eslint-disable @typescript-eslint/no-deprecated -- the classic model is the one that Grafana 12 provisions from files and that grafana.com takes */
/** Grafana's classic dashboard model. */
export function clusterDashboard(): Dashboard {
  const builder = new DashboardBuilder('Slotwise / Cluster')
    .id(null)
    .uid(uid)
    .description('One Redis or Valkey Cluster, read by the Slotwise exporter.')
    .tags(['slotwise', 'redis', 'valkey'])
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables(variables)
    .annotations(annotations)
    .link(
      new DashboardLinkBuilder('Runbooks')
        .type(DashboardLinkType.Link)
        .icon('doc')
        .tooltip('What each alert means and what to do')
        .url('https://github.com/slotwise/slotwise/tree/main/alerts/runbooks')
        .targetBlank(true),
    )
  for (const [title, panels] of rows) {
    builder.withRow(new RowBuilder(title))
    for (const panel of panels) builder.withPanel(panel)
  }
  return finish(builder.build())
}

/**
 * What the SDK does not do: panels get ids, which links to panels need, and runbooks and annotations stand above the
 * dashboard instead of being hidden in its menu.
 */
function finish(dashboard: Dashboard): Dashboard {
  const shown = <T extends { placement?: unknown }>(item: T): T => {
    const copy = { ...item }
    delete copy.placement
    return copy
  }
  return {
    ...dashboard,
    links: (dashboard.links ?? []).map(shown),
    annotations: { list: (dashboard.annotations.list ?? []).map(shown) },
    panels: (dashboard.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 })),
  }
}
