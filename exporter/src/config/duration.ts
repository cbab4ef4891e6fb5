const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Reads a duration as Go and Prometheus write it: `500ms`, `1s`, `1m30s`, `90d`.
 * @returns milliseconds; undefined when it is none
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) return undefined
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * UNITS_MS[unit!]!,
    0,
  )
}
