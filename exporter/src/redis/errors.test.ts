import { expect, it } from 'vitest'
import { socketError } from './errors.js'

it.each([false, true])("says that descriptors are the exporter's own, with TLS: %s", (tls) => {
  const error = Object.assign(new Error('connect EMFILE 10.0.0.1:6379 - Local (undefined:undefined)'), {
    code: 'EMFILE',
  })
  expect(socketError('10.0.0.1:6379', error, tls).message).toMatch(
    /^10\.0\.0\.1:6379: the exporter has no file descriptor left .*; raise its limit/,
  )
})
