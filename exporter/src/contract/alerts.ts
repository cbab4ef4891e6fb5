import { z } from 'zod'

/** Texts are cut and not refused: Alertmanager does not send again what was answered with 4xx. */
const texts = z.record(z.string(), z.string())

/**
 * What Alertmanager posts to a webhook, version 4, as far as it is read here.
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export const alertNotification = z.looseObject({
  version: z.literal('4'),
  alerts: z.array(
    z.looseObject({
      status: z.enum(['firing', 'resolved']),
      labels: texts,
      annotations: texts.default({}),
      startsAt: z.iso.datetime({ offset: true }),
      fingerprint: z
        .string()
        .regex(/^[0-9a-f]{1,64}$/i)
        .meta({ description: 'Of the labels; one alert in whatever state.' }),
    }),
  ),
})

export const alertReceipt = z.strictObject({
  recorded: z.int().meta({ description: 'Alerts whose state was new; they are in the log now.' }),
  repeated: z.int().meta({ description: 'Alerts that the log has so already.' }),
  ignored: z.int().meta({ description: 'Alerts about clusters that this token may not see.' }),
})

/** What an alert is about. */
export const alertFacts = {
  fingerprint: z.string(),
  name: z.string().meta({ description: 'The label alertname.' }),
  severity: z.string().optional(),
  shard: z.string().optional(),
  node: z.string().optional().meta({ description: 'The label instance.' }),
  summary: z.string().optional(),
  description: z.string().optional(),
  runbook: z.string().optional().meta({ description: 'The annotation runbook_url.' }),
  labels: texts.meta({ description: 'All of them; long ones are cut.' }),
  startsAt: z.string(),
}
/** What it is about, of data that says more. */
export const alertSubject = z.object(alertFacts)

export const firingAlert = z.strictObject({
  cluster: z.string().optional().meta({ description: 'Absent: none that is configured here.' }),
  ...alertFacts,
  toldAt: z.string().meta({ description: 'When the log was last told that it fires.' }),
})
export const alertList = z
  .strictObject({
    alerts: z.array(firingAlert),
    dropped: z.int().meta({
      description:
        'Alerts that may fire, too, and are not listed: of a cluster with more than 2000, those told longest ago.',
    }),
  })
  .meta({ description: 'By cluster, shard and node; those of no configured cluster last.' })

export type AlertNotification = z.output<typeof alertNotification>
export type AlertReceipt = z.output<typeof alertReceipt>
export type FiringAlert = z.output<typeof firingAlert>
