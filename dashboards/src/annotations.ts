/** Marks on every graph: what changed just before? */
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { datasource } from './panels.js'
import * as query from './queries/events.js'
import { firingAlerts } from './queries/serving.js'

const grafanasOwn = new AnnotationQueryBuilder()
  .builtIn(1)
  .datasource({ type: 'grafana', uid: '-- Grafana --' })
  .enable(true)
  .hide(true)
  .iconColor('rgba(0, 211, 255, 1)')
  .name('Annotations & Alerts')
  .type('dashboard')

const mark = (name: string, color: string, expr: string, title: string) =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(datasource)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .step('30s')
    .titleFormat(title)

export const annotations = [
  grafanasOwn,
  mark('Failovers', 'red', query.failovers, 'Failover'),
  mark('Epoch changes', 'orange', query.epochChanges, 'Configuration epoch raised').enable(false),
  mark('Restarts', 'purple', query.restarts, 'Restart of {{instance}}'),
  mark('Firing alerts', 'yellow', firingAlerts, '{{alertname}} {{instance}}').enable(false),
]
