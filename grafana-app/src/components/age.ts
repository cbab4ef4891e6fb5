const STEPS: readonly (readonly [below: number, seconds: number, unit: string])[] = [
  [90, 1, 's'],
  [90 * 60, 60, 'min'],
  [36 * 3600, 3600, 'h'],
  [Infinity, 86_400, 'd'],
]

/** `12 s`, `5 min`, `3 h`, `2 d`: one unit, for the age of things. */
export function age(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  const [, size, unit] = STEPS.find(([below]) => seconds < below)!
  return `${Math.round(seconds / size)} ${unit}`
}

/** `12 s ago`; within two seconds, or ahead since clocks differ, `just now`. */
export function ago(ms: number): string {
  return ms < 2000 ? 'just now' : `${age(ms)} ago`
}
