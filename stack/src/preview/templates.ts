/** What a route of plugin.json is filled from. */
export interface TemplateData {
  JsonData: Readonly<Record<string, unknown>>
  SecureJsonData: Readonly<Record<string, string>>
}

/**
 * Fills `{{ .JsonData.x }}` and `{{ .SecureJsonData.x }}` as Grafana does with Go's templates: a missing secret is
 * empty, a missing setting reads `<no value>`.
 */
export function fillTemplate(template: string, { JsonData, SecureJsonData }: TemplateData): string {
  return template.replace(
    /\{\{\s*\.(JsonData|SecureJsonData)\.(\w+)\s*\}\}/g,
    (_match, kind: string, name: string) => {
      if (kind === 'SecureJsonData') return ownValue(SecureJsonData, name) ?? ''
      const value = ownValue(JsonData, name)
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? String(value)
        : '<no value>'
    },
  )
}

function ownValue<T>(data: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(data, name) ? data[name] : undefined
}
