/** Second row: which node? A table, the worst on top. */
import { TableCellDisplayMode, TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import { MappingType, type DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { thisNodeInTable } from '../links.js'
import { datasource, tableQuery } from '../panels.js'
import * as query from '../queries/nodes.js'

interface Column {
  refId: string
  expr: string
  title: string
  properties: DynamicConfigValue[]
}

const unit = (id: string, decimals?: number): DynamicConfigValue[] => [
  { id: 'unit', value: id },
  ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
]

/** A coloured cell: steps from the lowest colour upwards. */
const coloured = (steps: [string, number | null][]): DynamicConfigValue[] => [
  { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorBackground, mode: 'basic' } },
  { id: 'thresholds', value: { mode: 'absolute', steps: steps.map(([color, value]) => ({ color, value })) } },
]

const words = (zero: string, one: string): DynamicConfigValue => ({
  id: 'mappings',
  value: [{ type: MappingType.ValueToText, options: { '0': { text: zero }, '1': { text: one } } }],
})

const redBelowOne = coloured([
  ['red', null],
  ['green', 1],
])
const orangeFromOne = coloured([
  ['transparent', null],
  ['orange', 1],
])

const columns: Column[] = [
  {
    refId: 'up',
    expr: query.upWithRole,
    title: 'Up',
    properties: [...unit('none'), ...redBelowOne, words('down', 'up')],
  },
  { refId: 'uptime', expr: query.uptime, title: 'Uptime', properties: unit('s', 0) },
  { refId: 'memory', expr: query.memoryUsed, title: 'Memory', properties: unit('bytes', 1) },
  {
    refId: 'share',
    expr: query.memoryShare,
    title: 'Of maxmemory',
    properties: [
      ...unit('percentunit', 0),
      { id: 'noValue', value: 'no limit' },
      ...coloured([
        ['transparent', null],
        ['orange', 0.9],
      ]),
    ],
  },
  { refId: 'keys', expr: query.keys, title: 'Keys', properties: unit('locale') },
  { refId: 'commands', expr: query.commandsPerSecond, title: 'Commands/s', properties: unit('ops', 1) },
  { refId: 'clients', expr: query.clients, title: 'Clients', properties: unit('none') },
  {
    refId: 'link',
    expr: query.primaryLink,
    title: 'Link to primary',
    properties: [...unit('none'), ...redBelowOne, words('down', 'up'), { id: 'noValue', value: '' }],
  },
  {
    refId: 'heard',
    expr: query.heardPrimary,
    title: 'Heard primary',
    properties: [
      ...unit('s', 0),
      { id: 'noValue', value: '' },
      ...coloured([
        ['red', null],
        ['transparent', 0],
        ['orange', 10],
      ]),
    ],
  },
  {
    refId: 'bus',
    expr: query.busLinksDown,
    title: 'Bus links down',
    properties: [...unit('none'), ...orangeFromOne],
  },
]

const titles = Object.fromEntries(columns.map(({ refId, title }) => [`Value #${refId}`, title]))
const order = ['instance', 'shard', 'role', ...Object.keys(titles)]

const table = columns.reduce(
  (panel, { refId, expr }) => panel.withTarget(tableQuery(refId, expr)),
  new TableBuilder()
    .title('Nodes')
    .description(
      'A row a node, those that are down first. Role, shard and bus links come from the topology, the rest from the node itself. Link and last word from the primary concern replicas only.',
    )
    .datasource(datasource)
    .span(24)
    .height(9)
    .unit('none')
    .noValue('-')
    .filterable(true)
    .withTransformation({ id: 'joinByField', options: { byField: 'instance', mode: 'outer' } })
    .withTransformation({
      id: 'organize',
      options: {
        // joining numbers the further time columns: Time 1, Time 2, ...
        excludeByName: Object.fromEntries(
          ['Time', ...columns.map((_, index) => `Time ${index + 1}`)].map((name) => [name, true]),
        ),
        indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
        renameByName: { instance: 'Node', shard: 'Shard', role: 'Role', ...titles },
      },
    })
    .overrideByName('Node', [
      { id: 'links', value: thisNodeInTable },
      { id: 'custom.minWidth', value: 160 },
    ])
    .sortBy([new TableSortByFieldStateBuilder().displayName('Up').desc(false)]),
)

export const nodes = [
  columns.reduce((panel, { title, properties }) => panel.overrideByName(title, properties), table),
]
