/**
 * Whether a raw request target is free of tricks: no dot segments, empty segments, backslashes or encoded dots,
 * slashes and backslashes (in any case, encoded any number of times). Checked before routing, because whoever stands
 * in front (a proxy, Grafana) may read such a path differently.
 */
export function isPlainPath(url: string): boolean {
  const path = url.split('?', 1)[0]!
  return (
    path.startsWith('/') &&
    !/\.\.|\/\/|\/\.(\/|$)|[\\\0#]|%(25)*(2e|2f|5c|00)/i.test(path) &&
    !/%(?![0-9a-f]{2})/i.test(path) &&
    isUtf8(path)
  )
}

function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
