import { PassThrough } from 'node:stream'
import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import type { Terminal } from '../src/cli/control/terminal.js'
import type { Operation } from '../src/contract/operations.js'
import { SCOPES } from '../src/contract/tokens.js'
import { runCommand, type Ran } from './cli.js'
import { startTestControl, type TestControl } from './control.js'
import { NOW } from './fakes.js'

/** A control API for the tests of one file, and the program that asks it. */
export interface CliControl {
  readonly control: TestControl
  run(args: readonly string[], more?: Partial<Terminal>): Promise<Ran>
  /** The engine ends the operation with this state after it was looked at some times. */
  endAfter(looks: number, id: string, state: Operation['state']): void
}

/** Starts one before the tests of the file that calls this, with tokens `me` and `reader`; each test finds it empty. */
export function useCliControl(): CliControl {
  let control: TestControl
  beforeAll(async () => {
    control = await startTestControl({ me: { scopes: SCOPES }, reader: { scopes: ['read'] } })
  })
  afterAll(() => control.stop())
  afterEach(() => {
    vi.restoreAllMocks()
    control.operations.plans.clear()
    control.operations.operations.clear()
    control.operations.asked.length = 0
  })
  return {
    get control() {
      return control
    },
    run: (args, more = {}) => runCommand(control, args, more),
    endAfter(looks, id, state) {
      const { operations } = control.operations
      const look = operations.get.bind(operations)
      let seen = 0
      vi.spyOn(operations, 'get').mockImplementation((key) => {
        const operation = look(key)
        if (!operation || key !== id || ++seen < looks) return operation
        const entry = { time: new Date(NOW).toISOString(), type: 'operation.ended', text: `it ${state}` }
        const timeline = [...operation.timeline, entry]
        return { ...operation, state, progress: { done: 1, total: 1 }, timeline }
      })
    },
  }
}

/** Where a bar is drawn, and what was. */
export function screen(columns = 100): { progress: NodeJS.WriteStream; drawn: () => string } {
  const stream = new PassThrough()
  const yes = () => true
  const progress = Object.assign(stream, {
    isTTY: true,
    columns,
    cursorTo: yes,
    moveCursor: yes,
    clearLine: yes,
  }) as unknown as NodeJS.WriteStream
  return { progress, drawn: () => String(stream.read()) }
}
