import { readFileSync } from 'node:fs'

/** A value and its place in the spec. */
export interface Given {
  /** The flag as it was given, for errors. */
  readonly flag: string
  readonly path: readonly string[]
  readonly value: unknown
}

/** The spec out of flags or of the file that `--spec` names; `fail` does not return. */
export function specOf(
  given: readonly Given[],
  file: string | undefined,
  fail: (problem: string) => never,
): Record<string, unknown> {
  if (file === undefined) return assemble(given, fail)
  if (given.length > 0) fail(`give ${given[0]!.flag.split(' ')[0]!} or --spec, not both`)
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    fail(
      `--spec ${file}: ${code === undefined ? `not JSON: ${message}` : code === 'ENOENT' ? 'no such file' : code}`,
    )
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content))
    return content as Record<string, unknown>
  return fail(`--spec ${file}: not a JSON object`)
}

/** `--set key=value` */
export function setFlag(pair: string, fail: (problem: string) => never): Given {
  const [, key, text] = /^([^=]+)=(.*)$/s.exec(pair) ?? fail(`--set ${pair}: expected key=value`)
  const path = key!.split('.')
  if (path.some((part) => part === '' || part === '__proto__')) fail(`--set ${pair}: ${key} is no key`)
  return { flag: `--set ${pair}`, path, value: valueOf(text!) }
}

function assemble(given: readonly Given[], fail: (problem: string) => never): Record<string, unknown> {
  const spec: Record<string, unknown> = {}
  for (const { flag, path, value } of given) {
    let place = spec
    for (const part of path.slice(0, -1)) {
      const inner = Object.hasOwn(place, part) ? place[part] : (place[part] = {})
      if (typeof inner !== 'object') fail(`${flag}: ${part} has a value already`)
      place = inner as Record<string, unknown>
    }
    const last = path.at(-1)!
    if (Object.hasOwn(place, last)) fail(`${flag}: ${path.join('.')} is there twice`)
    place[last] = value
  }
  return spec
}

/** true, false and numbers as such; all else is text. */
function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text) ? Number(text) : text
}
