import { LogUnavailable, VersionConflict } from '../events/log.js'
import { OperationError } from './operations.js'

const NOTHING = 'the event log takes nothing, so nothing is done'
const UNKNOWN =
  'the event log gave no answer, so it is not known whether this is done: look, or send the same again'

/** What the log says, as the engine's users know it. */
export async function translated<T>(appending: Promise<T>): Promise<T> {
  try {
    return await appending
  } catch (error) {
    if (error instanceof VersionConflict)
      throw new OperationError('conflict', 'somebody else was faster; look again')
    if (error instanceof LogUnavailable)
      throw new OperationError('log-unavailable', `${error.unknown ? UNKNOWN : NOTHING}: ${error.message}`)
    throw error
  }
}
