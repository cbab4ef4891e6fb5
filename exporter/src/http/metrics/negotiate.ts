/** A media type of an Accept header. */
interface Wanted {
  readonly type: string
  readonly version: string | undefined
  readonly quality: number
}

/**
 * Whether OpenMetrics is what the client wants most of the two formats there are, by its Accept header. Prometheus
 * 2.42 sends `application/openmetrics-text;version=1.0.0,…;q=0.75,text/plain;version=0.0.4;q=0.5,…`, 3.5 the same with
 * `escaping=allow-utf-8`. https://www.rfc-editor.org/rfc/rfc9110#field.accept
 */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  const wanted = (accept ?? '').split(',').map(parse)
  const best = (type: string, versions: readonly string[]) =>
    Math.max(
      0,
      ...wanted
        .filter((one) => one.type === type && (one.version === undefined || versions.includes(one.version)))
        .map(({ quality }) => quality),
    )
  const openMetrics = best('application/openmetrics-text', ['1.0.0'])
  return openMetrics > 0 && openMetrics >= best('text/plain', ['0.0.4'])
}

function parse(text: string): Wanted {
  const [type, ...parameters] = text.split(';').map((part) => part.trim())
  const named = new Map(
    parameters.map((parameter) => {
      const [name, value] = parameter.split('=') as [string, string | undefined]
      return [name.trim().toLowerCase(), value?.trim().replace(/^"|"$/g, '')]
    }),
  )
  const quality = Number(named.get('q') ?? 1)
  return {
    type: type!.toLowerCase(),
    version: named.get('version'),
    quality: quality >= 0 && quality <= 1 ? quality : 0,
  }
}
