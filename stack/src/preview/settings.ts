import type { TemplateData } from './templates.js'

export interface SettingsUpdate {
  enabled?: unknown
  pinned?: unknown
  jsonData?: unknown
  secureJsonData?: unknown
}

/** The plugin's settings as Grafana keeps them; secrets stay in this process. */
export class PluginSettings {
  private jsonData: Record<string, unknown>
  private readonly secrets: Record<string, string>
  private enabled = true

  constructor(jsonData: Record<string, unknown>, secrets: Record<string, string>) {
    this.jsonData = jsonData
    this.secrets = { ...secrets }
  }

  /** For the browser: of a secret only that there is one. */
  shown(): Record<string, unknown> {
    const fields = Object.entries(this.secrets).map(([name, value]) => [name, value !== ''])
    return {
      enabled: this.enabled,
      pinned: true,
      jsonData: this.jsonData,
      secureJsonFields: Object.fromEntries(fields) as Record<string, boolean>,
    }
  }

  get templateData(): TemplateData {
    return { JsonData: this.jsonData, SecureJsonData: this.secrets }
  }

  /** jsonData is replaced, secrets are merged. @throws an error of one line when the shapes are wrong */
  update({ enabled, jsonData, secureJsonData }: SettingsUpdate): void {
    if (jsonData !== undefined && !isRecord(jsonData)) throw new Error('jsonData must be an object')
    if (secureJsonData !== undefined && !isRecord(secureJsonData))
      throw new Error('secureJsonData must be an object')
    const secrets = Object.entries(secureJsonData ?? {})
    if (!secrets.every((entry): entry is [string, string] => typeof entry[1] === 'string'))
      throw new Error('every value of secureJsonData must be a text')
    if (typeof enabled === 'boolean') this.enabled = enabled
    if (jsonData) this.jsonData = jsonData
    Object.assign(this.secrets, Object.fromEntries(secrets))
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
