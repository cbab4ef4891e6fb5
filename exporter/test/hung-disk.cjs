/**
 * Loaded into the worker of a log by tests: its disk hangs in every commit while `gate[0]` is 1. `gate[1]` counts the
 * commits that were begun.
 */
const { workerData } = require('node:worker_threads')
const Database = require('libsql')

const gate = new Int32Array(workerData.gate)
const exec = Database.prototype.exec
Database.prototype.exec = function (sql) {
  if (sql === 'COMMIT') {
    Atomics.add(gate, 1, 1)
    Atomics.wait(gate, 0, 1)
  }
  return exec.call(this, sql)
}
