import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { encodePipeline, FrameReader, header, itemsOf, ProtocolError } from './frames.js'

/** Any RESP2 reply as its bytes. */
const reply = fc.letrec<{ reply: string }>((tie) => ({
  reply: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('+OK\r\n', '-ERR no\r\n', ':42\r\n', '$-1\r\n', '*-1\r\n', '*0\r\n', '$0\r\n\r\n'),
    fc.string().map((text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`),
    fc.array(tie('reply'), { maxLength: 4 }).map((replies) => `*${replies.length}\r\n${replies.join('')}`),
  ),
})).reply

describe('FrameReader', () => {
  it('gives the same replies however the bytes are split', () => {
    fc.assert(
      fc.property(fc.array(reply), fc.array(fc.nat(40)), (replies, sizes) => {
        const bytes = Buffer.from(replies.join(''))
        const reader = new FrameReader()
        const frames: string[] = []
        let at = 0
        for (const size of sizes) {
          frames.push(...reader.push(bytes.subarray(at, at + size)).map(String))
          at += size
        }
        frames.push(...reader.push(bytes.subarray(at)).map(String))
        expect(frames).toEqual(replies)
      }),
    )
  })

  it('ends in a protocol error or waits, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const reader = new FrameReader()
        try {
          for (const chunk of chunks) reader.push(Buffer.from(chunk))
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })

  it.each([
    ['an HTTP server', 'HTTP/1.1 400 Bad Request\r\n'],
    ['a TLS alert', '\x15\x03\x01\x00\x02'],
    ['a length that is no number', '$abc\r\n'],
    ['a length out of all bounds', '$99999999999999999999\r\n'],
    ['a bare carriage return', '+OK\rx'],
    ['a line without an end', '+'.padEnd(2 ** 20 + 2, 'x')],
  ])('refuses %s', (_, text) => {
    expect(() => new FrameReader().push(Buffer.from(text, 'latin1'))).toThrow(ProtocolError)
  })

  it('copies what has come of a long array not for every chunk', () => {
    const reader = new FrameReader()
    const chunk = Buffer.from('$-1\r\n'.repeat(10_000))
    reader.push(Buffer.from('*1000000\r\n'))
    const allocated = vi.spyOn(Buffer, 'allocUnsafe')
    for (let i = 0; i < 99; i++) expect(reader.push(chunk)).toEqual([])
    const copies = allocated.mock.calls.length
    allocated.mockRestore()
    expect(reader.push(chunk)).toHaveLength(1)
    expect(copies).toBeLessThan(20)
  })

  it('takes replies up to a size, and refuses a longer one when it says so or has come so far', () => {
    const whole = Buffer.from('$1048564\r\n'.padEnd(2 ** 20 - 2, 'x') + '\r\n')
    const reader = new FrameReader(2 ** 20)
    expect([reader.push(whole), reader.push(whole)].flat()).toHaveLength(2)
    expect(() => reader.push(Buffer.from('$1048565\r\n'))).toThrow(/a reply of more than 1 MB/)
    const items = new FrameReader(2 ** 20)
    expect(items.push(Buffer.from('*900000\r\n'))).toEqual([])
    expect(() => items.push(Buffer.from(':1\r\n'.repeat(300_000)))).toThrow(/a reply of more than 1 MB/)
  })
})

describe('itemsOf', () => {
  it('takes an array apart, and leaves arrays in it whole', () => {
    const items = itemsOf(Buffer.from('*3\r\n$1\r\na\r\n*2\r\n:1\r\n:2\r\n$-1\r\n'))
    expect(items.map(String)).toEqual(['$1\r\na\r\n', '*2\r\n:1\r\n:2\r\n', '$-1\r\n'])
    expect(itemsOf(Buffer.from('+OK\r\n'))).toEqual([])
    expect(header(Buffer.from('*12\r\n'))).toEqual({ count: 12, end: 5 })
  })
})

describe('encodePipeline', () => {
  it('counts bytes, not characters', () => {
    expect(encodePipeline([['GET', 'ä'], ['PING']]).toString()).toBe(
      '*2\r\n$3\r\nGET\r\n$2\r\nä\r\n*1\r\n$4\r\nPING\r\n',
    )
  })
})
