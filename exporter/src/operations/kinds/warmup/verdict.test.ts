import { expect, it } from 'vitest'
import { verdictOf } from './verdict.js'

it.each([
  ['+OK', 'written'],
  [':1', 'written'],
  [':0', 'existing'],
  ['$-1', 'existing'],
  ['-BUSYKEY Target key name already exists.', 'existing'],
  ['-MOVED 3999 127.0.0.1:6381', 'moved'],
  ['-ASK 3999 127.0.0.1:6381', 'ask'],
  ['-TRYAGAIN Multiple keys request during rehashing of slot', 'later'],
  ['-CLUSTERDOWN The cluster is down', 'later'],
  ['-LOADING Redis is loading the dataset in memory', 'later'],
  ["-OOM command not allowed when used memory > 'maxmemory'.", 'full'],
  ["-ERR Error running script: -OOM command not allowed when used memory > 'maxmemory'.", 'full'],
  ['-NOSCRIPT No matching script.', 'no-script'],
  ["-NOPERM User slotwise has no permissions to run the 'set' command", 'forbidden'],
  ['-ERR Bad data format', 'failed'],
  ['-constructor', 'failed'],
  ['*0', 'failed'],
])('%s: %s', (reply, verdict) => {
  expect(verdictOf(Buffer.from(`${reply}\r\n`))).toBe(verdict)
})
