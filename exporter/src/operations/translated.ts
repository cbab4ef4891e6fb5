import { LogUnavailable, VersionConflict } from '../events/log.js'
import { OperationError } from './operations.js'

/** What the log says, as the engine's users know it. */
export async function translated<T>(appending: Promise<T>): Promise<T> {
  try {
    return await appending
  } catch (error) {
    if (error instanceof VersionConflict)
      throw new OperationError('conflict', 'somebody else was faster; look again')
    if (error instanceof LogUnavailable)
      throw new OperationError(
        'log-unavailable',
        `the event log takes nothing, so nothing is done: ${error.message}`,
      )
    throw error
  }
}
