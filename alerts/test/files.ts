import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'

/** The absolute path of the folder alerts/. */
export const alertsDir = resolve(import.meta.dirname, '..')
export const alertmanagerFile = join(alertsDir, 'alertmanager/alertmanager.yml')
export const runbooksDir = join(alertsDir, 'runbooks')

export interface AlertingRule {
  alert: string
  expr: string
  for?: string
  keep_firing_for?: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

interface AlertCase {
  eval_time: string
  alertname: string
  exp_alerts: { exp_labels: Record<string, string> }[]
}

/** The absolute paths of the rule files. */
export const ruleFiles = yamlFiles('rules')
/** The absolute paths of promtool's test files. */
export const ruleTestFiles = yamlFiles('tests')

/** Every rule of every file. */
export function readRules(): AlertingRule[] {
  return ruleFiles.flatMap((file) => {
    const { groups } = parse(readFileSync(file, 'utf8')) as { groups: { rules: AlertingRule[] }[] }
    return groups.flatMap((group) => group.rules)
  })
}

/** Every expectation about an alert in promtool's test files. */
export function readAlertCases(): AlertCase[] {
  return ruleTestFiles.flatMap((file) => {
    const { tests } = parse(readFileSync(file, 'utf8')) as { tests: { alert_rule_test?: AlertCase[] }[] }
    return tests.flatMap((test) => test.alert_rule_test ?? [])
  })
}

function yamlFiles(folder: string): string[] {
  const dir = join(alertsDir, folder)
  return readdirSync(dir)
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .map((name) => join(dir, name))
}
