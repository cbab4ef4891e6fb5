import { z } from 'zod'
import { eventTypes, storedEvent, TYPE_PREFIX, type StreamFamily } from '../contract/events.js'

type Schema = z.core.JSONSchema.BaseSchema

const streams: Record<StreamFamily, string> = {
  cluster: '`cluster/<name>`',
  operation: '`operation/<id>`, from its plan on',
  admission: '`admission/<cluster>`',
  alerts: '`alerts/<cluster>`, or `alerts/-` for those of no configured cluster',
  access: '`access/<process>`',
  control: '`control`',
  digest: '`digest`',
}

/** docs/events.md, made of the schemas of the contract. `npx vitest run reference -u` writes it anew. */
export function eventsReference(): string {
  const types = Object.entries(eventTypes)
  const index = types.map(
    ([name, { stream, help }]) =>
      `| [\`${TYPE_PREFIX}${name}\`](#${name.replace('.', '')}) | ${streams[stream]} | ${escapeCell(help)} |`,
  )
  const sections = types.map(
    ([name, { stream, help, data }]) => `### ${name}

${help} Stream ${streams[stream]}.

${fieldTable(data)}`,
  )
  return `# Events

<!-- Generated from the schemas of the contract; do not edit. \`npx vitest run reference -u\` writes it anew. -->

What Slotwise saw, what people asked of it and what it did stands in an append-only log. Readers should ignore types
and fields that they do not know: new ones come with new versions.

## The envelope

Every event is a [CloudEvents 1.0](https://cloudevents.io) event in JSON:

${fieldTable(storedEvent)}
\`position\` orders the whole log and can be given as \`after\`, which reads on from there; compare it for equality only.
\`streamversion\` has no gaps. \`time\` is the writer's clock; the order is that of the positions.

## The hash chain

The events of each stream are a chain. The hash of an event is taken of the event itself **without the members \`hash\`
and \`position\`**, written as canonical JSON by [RFC 8785](https://www.rfc-editor.org/rfc/rfc8785) (members sorted by
name, no blanks) in UTF-8: its SHA-256, in lower-case hexadecimal digits. \`previoushash\`, one of the members, is the
\`hash\` of the event before it in the stream, and empty in the first. So whoever has the events of a stream can check them:

\`\`\`python
import hashlib, rfc8785  # pip install rfc8785

def check(events, previous='', version=0):  # of one stream, in order
    for event in events:
        shown = {name: value for name, value in event.items() if name not in ('hash', 'position')}
        assert event['previoushash'] == previous and event['streamversion'] == version + 1
        assert hashlib.sha256(rfc8785.dumps(shown)).hexdigest() == event['hash']
        previous, version = event['hash'], event['streamversion']
\`\`\`

Where the beginning of a stream was trimmed, \`previous\` and \`version\` are its \`hash\` and \`version\` in the newest
[\`log.trimmed\`](#logtrimmed).

A chain shows what was changed or taken out of its middle, not what was cut off its end. That is what digests are for:
from time to time an event [\`log.digest\`](#logdigest) lists version and hash of the newest event of every other stream
in which something is new since the digest before it. All digests together list all streams; where the older ones were
removed by the retention, \`all\` stands for what they listed, too. Of what was removed itself only snapshots tell (see
[backup.md](backup.md#retention)): digests list their hashes, under \`snapshots\`.

Keep the \`hash\` of a digest outside of the log (it is a metric, too): it is an anchor. \`GET /api/v1/events/verify?anchor=\`
checks every chain, that the heads at each digest are those that it and those before it list, and that the digest with
that hash is there.

## Types

| type | stream | meaning |
| --- | --- | --- |
${index.join('\n')}

## Payloads

\`data\` of each type, without its prefix \`${TYPE_PREFIX}\`. \`[]\` stands for the items of an array, \`*\` for any name.

${sections.join('\n')}`
}

function fieldTable(type: z.ZodType): string {
  const rows = fieldsOf(z.toJSONSchema(type), '')
  if (rows.length === 0) return 'No fields.\n'
  return `| field | type | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`
}

/** A row for each member, and for what is in it. */
function fieldsOf(schema: Schema, prefix: string): string[] {
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const field = member as Schema
    const optional = required.has(name) || isAnything(field) ? '' : ', optional'
    const path = prefix + name
    return [
      `| \`${path}\` | ${escapeCell(typeOf(field) + optional)} | ${escapeCell(field.description ?? '')} |`,
      ...inside(field, path),
    ]
  })
}

function inside(schema: Schema, path: string): string[] {
  if (schema.properties) return fieldsOf(schema, `${path}.`)
  if (isSchema(schema.items)) return inside(schema.items, `${path}[]`)
  if (isSchema(schema.additionalProperties)) return inside(schema.additionalProperties, `${path}.*`)
  return []
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.prefixItems) return `[${schema.prefixItems.map((item) => typeOf(item as Schema)).join(', ')}]`
  if (isSchema(schema.items)) return `array of ${typeOf(schema.items)}`
  if (isSchema(schema.additionalProperties) && !schema.properties)
    return `object of ${typeOf(schema.additionalProperties)}`
  return isAnything(schema) ? 'any' : String(schema.type)
}

const isAnything = (schema: Schema) => schema.type === undefined && !schema.enum && schema.const === undefined

const isSchema = (schema: unknown): schema is Schema => typeof schema === 'object' && !Array.isArray(schema)

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
