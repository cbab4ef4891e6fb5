import { setTimeout } from 'node:timers/promises'
import type { RunContext } from '../kind.js'
import { passing } from './passing.js'

const LOOK_AGAIN_MS = 1000

/**
 * Does what needs answers of nodes; while they do not come, the run waits, says why, and does it again.
 * @throws Cancelled, and what will not mend itself
 */
export async function patiently<T>(
  { gate, turn }: Pick<RunContext, 'gate' | 'turn'>,
  use: () => Promise<T>,
): Promise<T> {
  for (;;) {
    await turn()
    try {
      const result = await use()
      await gate([])
      return result
    } catch (error) {
      await gate([passing(error)])
    }
    await setTimeout(LOOK_AGAIN_MS)
  }
}
