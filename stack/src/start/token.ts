import { writeFileSync } from 'node:fs'
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

interface TokenEntry {
  /** What events call it. */
  id: string
  scopes: readonly (typeof ALL_SCOPES)[number][]
  /** Whether it may carry the login of Grafana's user. */
  delegated?: boolean
}

const ACTIONS = ['warmup', 'policy', 'evict'] as const

/** The tokens of the Grafana app, one for each kind of route in its plugin.json. */
const APP_TOKENS = {
  read: { id: 'grafana-read', scopes: ['read'], delegated: true },
  plan: { id: 'grafana-plan', scopes: ['read', 'plan', ...ACTIONS], delegated: true },
  run: { id: 'grafana-run', scopes: ['read', 'run', ...ACTIONS], delegated: true },
} as const satisfies Record<string, TokenEntry>

export type AppTokens = Record<keyof typeof APP_TOKENS, string>

/** Makes a new token of every scope, for whoever started this. @throws as `makeToken` */
export function makeFullToken(tokensFile: string): Promise<string> {
  return makeToken(tokensFile, { id: 'npm-start', scopes: ALL_SCOPES })
}

/** Makes the token by which Alertmanager tells what fires, and writes it to a file (0600). @throws as `makeToken` */
export async function makeAlertsToken(tokensFile: string, to: string): Promise<void> {
  const token = await makeToken(tokensFile, { id: 'alertmanager', scopes: ['alerts'] })
  writeFileSync(to, token, { mode: 0o600 })
}

/** Makes the tokens of the Grafana app. @throws as `makeToken` */
export async function makeAppTokens(tokensFile: string): Promise<AppTokens> {
  return {
    read: await makeToken(tokensFile, APP_TOKENS.read),
    plan: await makeToken(tokensFile, APP_TOKENS.plan),
    run: await makeToken(tokensFile, APP_TOKENS.run),
  }
}

/**
 * Makes a new token and writes its hash into a tokens file (0600). The token comes through a pipe: it stands in no
 * process's arguments or environment.
 * @throws what `slotwise token new` says when it fails
 */
async function makeToken(tokensFile: string, { id, scopes, delegated = false }: TokenEntry): Promise<string> {
  const child = startChild({
    name: 'slotwise token new',
    command: process.execPath,
    args: [
      slotwiseProgram,
      ...['token', 'new', '--file', tokensFile, '--id', id, '--scopes', scopes.join(',')],
      ...(delegated ? ['--delegated'] : []),
    ],
  })
  const { code, how } = await child.exited
  const token = /^sw_[\w-]+$/m.exec(child.tail())?.[0]
  if (code !== 0 || token === undefined)
    throw new Error(`no token for the control API: slotwise token new ended (${how}):\n${child.tail()}`)
  return token
}
