import { describeEventLog } from '../event-log-suite.js'
import { MemoryLog } from '../memory-log.js'

describeEventLog('the log in memory', () => {
  let log = new MemoryLog()
  return Promise.resolve({
    log,
    async reopen(change = (rows) => rows) {
      await log.close()
      log = new MemoryLog({}, change([...log.rows]))
      return log
    },
    remove: () => log.close(),
  })
})
