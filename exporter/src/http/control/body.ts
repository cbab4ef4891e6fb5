import type { IncomingMessage } from 'node:http'
import express, { type Request, type RequestHandler, type Response } from 'express'
import { z } from 'zod'
import { Refusal } from './problem.js'

const MOST_BYTES = 1024 * 1024
const DEEPEST = 64
/** Of what a request says about itself, as answers quote it. Characters. */
const LONGEST_QUOTE = 100
const MOST_PROBLEMS = 20

const json = express.json({
  limit: MOST_BYTES,
  strict: false,
  inflate: false,
  type: () => true,
  verify: (request: IncomingMessage & { text?: string }, _response, body) => {
    request.text = body.toString()
  },
})

/**
 * Reads and checks the JSON body.
 * @throws Refusal
 */
export async function readBody(request: Request, response: Response, schema: z.ZodType, optional: boolean) {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && (length === undefined || length === '0')) {
    if (optional) return check(schema, {}, 'invalid-body')
    throw new Refusal('invalid-body', 'the request has no body; send a JSON object')
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.headers['content-type'] ?? '')?.[1]
  if (request.is('application/json') !== 'application/json' || (charset ?? 'utf-8').toLowerCase() !== 'utf-8')
    throw new Refusal('unsupported-media-type', 'send the body as Content-Type: application/json, in UTF-8')
  await through(json, request, response).catch((error: unknown) => {
    throw refusalOf(error)
  })
  const body: unknown = request.body
  refuseOdd(body)
  refuseTwice((request as IncomingMessage & { text?: string }).text ?? '')
  return check(schema, body, 'invalid-body')
}

/**
 * The query as its schema has it. A parameter that is given twice or is not known is refused.
 * @throws Refusal
 */
export function readQuery(url: string, schema: z.ZodType = z.strictObject({})): unknown {
  const mark = url.indexOf('?')
  const parameters = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
  const names = [...parameters.keys()]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw new Refusal('invalid-query', `${quote(twice)}: the parameter is there more than once`)
  return check(schema, Object.fromEntries(parameters), 'invalid-query')
}

/** Runs a middleware and waits for it to pass the request on. */
export function through(handler: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void handler(request, response, (error?: unknown) => {
      if (error === undefined) resolve()
      else reject(error instanceof Error ? error : new Error('refused'))
    })
  })
}

function check(schema: z.ZodType, value: unknown, code: 'invalid-body' | 'invalid-query'): unknown {
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const problems = checked.error.issues
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ field: place([...issue.path, key]), reason: 'unknown member' }))
        : [{ field: place(issue.path), reason: issue.message }],
    )
    .slice(0, MOST_PROBLEMS)
  const detail = problems
    .map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`))
    .join('; ')
  throw new Refusal(code, detail, { problems })
}

function place(path: readonly PropertyKey[]): string {
  return quote(path.map(String).join('.'))
}

function quote(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text
}

/**
 * Refuses what no schema of ours has: `__proto__` as a key, nesting without end, and texts that are no Unicode, which
 * others could not hash. Not recursive.
 */
function refuseOdd(body: unknown): void {
  const queue: (readonly [value: unknown, depth: number])[] = [[body, 0]]
  for (let next = queue.pop(); next; next = queue.pop()) {
    const [value, depth] = next
    if (typeof value === 'string') refuseBroken(value)
    if (typeof value !== 'object' || value === null) continue
    if (depth >= DEEPEST) throw new Refusal('invalid-body', `the body is nested more than ${DEEPEST} deep`)
    if (Object.hasOwn(value, '__proto__'))
      throw new Refusal('invalid-body', '__proto__: unknown member', {
        problems: [{ field: '__proto__', reason: 'unknown member' }],
      })
    for (const [name, inner] of Object.entries(value)) {
      refuseBroken(name)
      queue.push([inner, depth + 1])
    }
  }
}

function refuseBroken(text: string): void {
  if (/\p{Cs}/u.test(text))
    throw new Refusal('invalid-body', 'the body has half a surrogate pair, which is no text')
}

/** Refuses a name that is twice in an object: another reader would take the other value. @param text valid JSON */
function refuseTwice(text: string): void {
  const objects: (Set<string> | undefined)[] = []
  for (const [token, name] of text.matchAll(/("(?:[^"\\]|\\.)*")(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{') objects.push(new Set())
    else if (token === '[') objects.push(undefined)
    else if (token === '}' || token === ']') objects.pop()
    if (name === undefined) continue
    const key = JSON.parse(name) as string
    const names = objects.at(-1)
    if (names?.has(key))
      throw new Refusal('invalid-body', `${quote(key)}: the member is there more than once`)
    names?.add(key)
  }
}

function refusalOf(error: unknown): Refusal {
  const { status, type } = error as { status?: number; type?: string }
  if (status === 413) return new Refusal('too-large', 'the body is larger than 1 MiB')
  if (status === 415)
    return new Refusal('unsupported-media-type', 'send the body as it is, without Content-Encoding')
  return new Refusal(
    'invalid-body',
    type === 'entity.parse.failed' ? 'the body is not valid JSON' : 'the body did not arrive whole',
  )
}
