import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readInfo } from './info.js'

const read = (text: string) => Object.fromEntries(readInfo(Buffer.from(text)))

describe('readInfo', () => {
  it('reads fields and passes over headings and empty lines', () => {
    expect(read('# Server\r\nredis_version:7.0.15\r\n\r\n# CPU\r\nused_cpu_sys:0.1')).toEqual({
      redis_version: '7.0.15',
      used_cpu_sys: '0.1',
    })
  })

  it('splits at the first colon and keeps empty values', () => {
    expect(read('cmdstat_get:calls=1,usec=2\nconfig_file:\nlistener0:name=tcp,bind=::1')).toEqual({
      cmdstat_get: 'calls=1,usec=2',
      config_file: '',
      listener0: 'name=tcp,bind=::1',
    })
  })

  it('takes the first of a field that comes twice', () => {
    expect(read('cluster_state:ok\r\ncluster_state:fail\r\n')).toEqual({ cluster_state: 'ok' })
  })

  it('survives any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => readInfo(Buffer.from(bytes)).size <= bytes.length))
  })
})
