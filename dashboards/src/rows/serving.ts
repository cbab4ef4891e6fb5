/** First row: is it serving, and what does the verdict rest on? */
import {
  SortOrder,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { FieldColorBuilder, FieldColorModeId, MappingType } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import * as query from '../queries/serving.js'
import { runbook } from '../links.js'
import { datasource, rangeQuery, stat, tableQuery, thresholds } from '../panels.js'

const unknown = 'no data'

const state = stat({
  title: 'Say cluster_state:ok',
  description:
    'Share of the nodes that answer and say cluster_state:ok. Below one half the cluster is down for clients; a single node that says otherwise is cut off itself.',
  unit: 'percentunit',
  width: 3,
  expr: query.nodesThatSayOk,
  good: thresholds(['red'], ['orange', 0.5], ['green', 1]),
  noValue: 'no node answers',
})

const slots = stat({
  title: 'Slots served',
  description:
    'Slots whose primary has not failed, of 16384. The keys of the others can be neither read nor written.',
  unit: 'none',
  width: 3,
  expr: query.slotsCovered,
  good: thresholds(['red'], ['green', 16384]),
  noValue: unknown,
})

const up = stat({
  title: 'Nodes up',
  description: 'Nodes that answer the exporter, whatever they say of the cluster.',
  unit: 'none',
  width: 3,
  expr: query.nodesUp,
  good: thresholds(['red'], ['green', 1]),
  noValue: unknown,
})

const down = stat({
  title: 'Nodes down',
  description: 'Nodes that do not answer the exporter. Which: the table below, on top.',
  unit: 'none',
  width: 3,
  expr: query.nodesDown,
  good: thresholds(['green'], ['red', 1]),
  noValue: unknown,
})

const bare = stat({
  title: 'Shards without replica',
  description: 'One more failure in such a shard and its slots are not served.',
  unit: 'none',
  width: 3,
  expr: query.shardsWithoutReplica,
  good: thresholds(['green'], ['orange', 1]),
  noValue: unknown,
})

const views = stat({
  title: 'Opinions on the topology',
  description:
    '1: the nodes asked agree. More: they do not, as during a failover or a split. 0: none could be asked.',
  unit: 'none',
  width: 3,
  expr: query.views,
  good: thresholds(['red'], ['green', 1], ['orange', 2]),
  noValue: unknown,
})

const migrating = stat({
  title: 'Slots moving',
  description:
    'Slots on their way from one node to another. Those that stay so for long are an interrupted resharding.',
  unit: 'none',
  width: 3,
  expr: query.slotsMigrating,
  good: thresholds(['green'], ['blue', 1]),
  noValue: unknown,
})

const age = stat({
  title: 'Topology read',
  description:
    'How long ago the exporter last read the topology. Old: what this dashboard says of slots and shards is old too.',
  unit: 's',
  width: 3,
  expr: query.topologyAge,
  good: thresholds(['green'], ['orange', 60], ['red', 120]),
  noValue: unknown,
}).decimals(0)

const checks = new StateTimelineBuilder()
  .title('Verdict')
  .description('The checks that the verdict of `slotwise check` rests on, over time.')
  .datasource(datasource)
  .span(14)
  .height(8)
  .unit('none')
  .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
  .thresholds(thresholds(['red'], ['green', 1]))
  .mappings([
    {
      type: MappingType.ValueToText,
      options: { '0': { text: 'not ok', index: 1 }, '1': { text: 'ok', index: 0 } },
    },
  ])
  .mergeValues(true)
  .legend(new VizLegendOptionsBuilder().showLegend(false))
  .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.None))
  .withTarget(rangeQuery('A', query.checks, '{{check}}'))

const alerts = new TableBuilder()
  .title('Firing alerts')
  .description('Alerts of this cluster that Prometheus has firing now. The name leads to the runbook.')
  .datasource(datasource)
  .span(10)
  .height(8)
  .unit('none')
  .noValue('none')
  .withTarget(tableQuery('A', query.firingAlerts))
  .withTransformation({
    id: 'organize',
    options: {
      excludeByName: {
        Time: true,
        Value: true,
        __name__: true,
        alertstate: true,
        redis_cluster: true,
        job: true,
      },
      indexByName: { severity: 0, alertname: 1, instance: 2, shard: 3 },
      renameByName: { severity: 'Severity', alertname: 'Alert', instance: 'Node', shard: 'Shard' },
    },
  })
  .overrideByName('Alert', [{ id: 'links', value: runbook }])
  .sortBy([new TableSortByFieldStateBuilder().displayName('Severity').desc(false)])

export const serving = [state, slots, up, down, bare, views, migrating, age, checks, alerts]
