import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as cluster from './cluster'
import * as commands from './commands'
import * as connection from './connection'
import * as fleet from './fleet'
import * as nodes from './nodes'
import { escapeLabelValue, ofCluster, ofInstances } from './selector'
import * as slots from './slots'
import * as warmth from './warmth'

/** Of the nodes of a cluster, as pages ask. */
const ofNodes = Object.fromEntries(
  Object.entries({ ...nodes, ...commands }).map(([name, query]) => [
    `${name} of nodes`,
    (cluster: string) => query(ofCluster(cluster), '5m'),
  ]),
)
const queries = Object.entries({
  ...ofNodes,
  ...cluster,
  ...connection,
  ...fleet,
  ...warmth,
  ...Object.fromEntries(Object.entries(slots).map(([name, query]) => [`${name} of slots`, query])),
  alertsOfOne: cluster.firingAlerts,
}).map(([name, query]) => [name, query('demo')] as const)
const documented = new Set(
  [...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name),
)

test.each(queries)('%s asks only for metrics that the exporter has', (_, query) => {
  const asked = [...query.matchAll(/\b(redis|slotwise)_\w+(?=\{|\))/g)].map(([name]) => name)
  const unknown = asked.filter((name) => name !== 'redis_cluster' && !documented.has(name))
  expect(unknown).toEqual([])
  expect(asked.length + Number(query.includes('ALERTS'))).toBeGreaterThan(0)
})

test.each(queries)('%s has as many opening as closing brackets', (_, query) => {
  for (const [open, close] of ['()', '{}', '[]'])
    expect(query.split(open!).length, open).toBe(query.split(close!).length)
})

test.each(Object.entries({ ...cluster, ...ofNodes, ...slots }))(
  '%s asks for one cluster only',
  (_, query) => {
    expect(query('a"b')).toContain('redis_cluster="a\\"b"')
    expect(query('x').match(/\w\{/g)?.length).toBe(query('x').match(/redis_cluster="x"/g)?.length)
  },
)

test.each([
  ['plain', 'plain'],
  ['a"} or vector(1) #', 'a\\"} or vector(1) #'],
  ['back\\slash', 'back\\\\slash'],
  ['two\nlines', 'two\\nlines'],
])('the label value %j is written %j', (value, written) => {
  expect(escapeLabelValue(value)).toBe(written)
})

test('nodes are named as they are, whatever is in their names', () => {
  expect(ofInstances('a"b', ['10.0.0.1:6379', 'x|y"z'])).toBe(
    'redis_cluster="a\\"b", instance=~"10\\\\.0\\\\.0\\\\.1:6379|x\\\\|y\\"z"',
  )
})
