import { describeLogKeeping } from '../event-log-keeping-suite.js'
import { describeEventLog } from '../event-log-suite.js'
import type { LogUnderTest } from '../event-log/under-test.js'
import { MemoryLog } from '../memory-log.js'

function open(): Promise<LogUnderTest> {
  let log = new MemoryLog()
  return Promise.resolve({
    log,
    async reopen(change = (rows) => rows, states = {}) {
      await log.close()
      log = new MemoryLog({}, change([...log.rows]), log)
      log.putStates(states)
      return log
    },
    remove: () => log.close(),
  })
}

describeEventLog('the log in memory', open)
describeLogKeeping('what the log in memory keeps', open)
