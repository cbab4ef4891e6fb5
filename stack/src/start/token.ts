import { startChild } from '../child.js'
import { slotwiseProgram } from '../exporter.js'

/** Every scope there is. */
export const ALL_SCOPES = [
  'read',
  'plan',
  'run',
  'override',
  'admin',
  'alerts',
  'warmup',
  'evict',
  'policy',
  'topology',
] as const

/** What events call the token of a start. */
const TOKEN_ID = 'npm-start'

/**
 * Makes a new token of every scope and writes its hash into a tokens file (0600). The token goes through a pipe:
 * it stands in no file and in no process's arguments or environment.
 * @throws what `slotwise token new` says when it fails
 */
export async function makeFullToken(tokensFile: string): Promise<string> {
  const child = startChild({
    name: 'slotwise token new',
    command: process.execPath,
    args: [
      slotwiseProgram,
      ...['token', 'new', '--file', tokensFile, '--id', TOKEN_ID, '--scopes', ALL_SCOPES.join(',')],
    ],
  })
  const { code, how } = await child.exited
  const token = /^sw_[\w-]+$/m.exec(child.tail())?.[0]
  if (code !== 0 || token === undefined)
    throw new Error(`no token for the control API: slotwise token new ended (${how}):\n${child.tail()}`)
  return token
}
