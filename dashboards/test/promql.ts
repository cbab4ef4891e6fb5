/** What the tests want to know of a PromQL expression, by Prometheus's own grammar. */
import { parser } from '@prometheus-io/lezer-promql'

/** Grafana's variables, replaced by something of their kind. */
const GRAFANA: Readonly<Record<string, string>> = {
  $__rate_interval: '20s',
  $redis_cluster: 'demo',
  $instance: '.+',
}

/** The expression as Grafana would send it. @throws on a variable that it would not know */
export function substitute(expr: string, variables: Readonly<Record<string, string>> = {}): string {
  const values = { ...GRAFANA, ...variables }
  return expr.replace(/\$\w+/g, (name) => {
    const value = values[name]
    if (value === undefined) throw new Error(`${name} is no variable of the dashboard: ${expr}`)
    return value
  })
}

/** The pieces of the expression that are no PromQL; empty when it parses. */
export function syntaxErrors(expr: string): string[] {
  return collect(expr, '⚠', (text) => (text === '' ? '(something is missing)' : text))
}

/** The names of the metrics that the expression reads, each once. */
export function metricNames(expr: string): string[] {
  const errors = syntaxErrors(expr)
  if (errors.length > 0) throw new Error(`${expr}: no PromQL: ${errors.join(', ')}`)
  const names: string[] = []
  parser.parse(expr).iterate({
    enter(node) {
      if (node.name !== 'VectorSelector') return
      const name = node.node.getChild('Identifier')
      if (name === null) throw new Error(`${expr}: a selector without a metric's name`)
      names.push(expr.slice(name.from, name.to))
    },
  })
  return [...new Set(names)]
}

/** The labels that it matches, groups by and joins on, each once. */
export function labelNames(expr: string): string[] {
  return [...new Set(collect(expr, 'LabelName'))]
}

function collect(expr: string, nodeName: string, of: (text: string) => string = (text) => text): string[] {
  const found: string[] = []
  parser.parse(expr).iterate({
    enter(node) {
      if (node.name === nodeName) found.push(of(expr.slice(node.from, node.to)))
    },
  })
  return found
}
