/**
 * `npm start`: the whole stack on this machine, in the foreground.
 *
 * SIGINT, SIGTERM and SIGHUP stop every process, the last started first, and remove the run's folder. Killed by
 * SIGKILL it cannot do that: the kernel then ends the processes (child.ts), the next run removes the folder.
 */
import { join } from 'node:path'
import { stopAllChildren, type Child } from './child.js'
import { repoRoot } from './servers.js'
import { parseOptions } from './start/options.js'
import { makeRunFolder, removeDeadRunFolders, removeRunFolder } from './start/run-folder.js'
import { preflight, startStack } from './start/stack.js'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const complain = (error: unknown): void => {
  process.stderr.write(`npm start: ${error instanceof Error ? error.message : String(error)}\n`)
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  const parent = join(repoRoot, '.run')
  removeDeadRunFolders(parent)
  await preflight(options)

  const folder = makeRunFolder(parent)
  const stops: (() => unknown)[] = []
  let stopping: Promise<never> | undefined

  const stopEverything = async (): Promise<void> => {
    for (const one of stops.toReversed()) await one()
    await stopAllChildren()
    removeRunFolder(parent, folder)
  }
  const stop = (exitCode: number): Promise<never> => {
    stopping ??= stopEverything().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        complain(error)
        process.exit(1)
      },
    )
    return stopping
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (!stopping) say('stopping')
      void stop(0)
    })
  process.stdout.on('error', () => void stop(1))
  process.on('uncaughtException', (error) => {
    complain(error)
    void stop(1)
  })

  const onDeath = (child: Child): void => {
    if (!stopping) say(`${child.name} ended (${child.exit?.how ?? 'unknown'}); the rest keeps running`)
  }
  try {
    await startStack({ options, folder, say, onDeath, onStop: (one) => stops.push(one) })
    say(`ready in ${(performance.now() / 1000).toFixed(1)} s; Ctrl-C stops everything`)
  } catch (error) {
    if (!stopping) complain(error)
    await stop(1)
  }
}

main().catch((error: unknown) => {
  complain(error)
  process.exit(1)
})
