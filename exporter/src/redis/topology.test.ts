import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestView, opinionOf, parseClusterNodes } from './topology.js'

const primary =
  '07c37dfeb235213a872192d90877d0cd55635b91 127.0.0.1:30004@31004,host4 master - 0 1426238317239 4 connected'

describe('parseClusterNodes', () => {
  it('reads a line with everything', () => {
    const line = `${'a'.repeat(40)} 10.0.0.7:7000@17000,redis-0.internal,shard-id=1 myself,master,fail? - 0 0 7 disconnected 0-5460 7000 [93->-${'b'.repeat(40)}] [94-<-${'c'.repeat(40)}]`
    expect(parseClusterNodes(line)).toEqual([
      {
        id: 'a'.repeat(40),
        host: '10.0.0.7',
        port: 7000,
        hostname: 'redis-0.internal',
        myself: true,
        role: 'primary',
        primaryId: '',
        flags: ['fail?'],
        configEpoch: 7,
        linkUp: true,
        slots: [
          [0, 5460],
          [7000, 7000],
        ],
        migrating: [{ slot: 93, to: 'b'.repeat(40) }],
      },
    ])
  })

  it.each([
    ['127.0.0.1:30004@31004', '127.0.0.1', 30004, ''],
    ['127.0.0.1:30004', '127.0.0.1', 30004, ''],
    [':0@0', '', 0, ''],
    ['fd00::1:7000@17000,h', 'fd00::1', 7000, 'h'],
  ])('reads the address %s', (address, host, port, hostname) => {
    const [node] = parseClusterNodes(`id ${address} slave other 0 0 4 connected`)
    expect(node).toMatchObject({ host, port, hostname, role: 'replica', primaryId: 'other' })
  })

  it('passes over lines that make no sense', () => {
    expect(parseClusterNodes(`\nnonsense\n${primary}\r\n`)).toHaveLength(1)
  })

  it('survives any text', () => {
    fc.assert(fc.property(fc.string(), (text) => parseClusterNodes(text).length <= text.split('\n').length))
  })
})

describe('bestView', () => {
  const view = (flags: string, epoch: number) =>
    parseClusterNodes(`a 10.0.0.1:1@2 ${flags} - 0 0 ${epoch} connected 0-100`)

  it('takes the opinion that most share', () => {
    const odd = view('master,fail', 9)
    const shared = view('master', 3)
    expect(bestView([odd, shared, view('master', 3)])).toBe(shared)
  })

  it('takes the latest configuration among equals', () => {
    const late = view('master,fail', 5)
    expect(bestView([view('master', 4), late])).toBe(late)
  })

  it('takes the view with the fewest failed nodes at last', () => {
    const well = view('master', 4)
    expect(bestView([view('master,fail', 4), well])).toBe(well)
  })

  it('has none of none', () => expect(bestView([])).toBeUndefined())
})

describe('opinionOf', () => {
  it('does not depend on the order of the lines, nor on suspicion', () => {
    const a = 'a 10.0.0.1:1@2 master - 0 0 1 connected 0-5'
    const b = 'b 10.0.0.2:1@2 slave a 0 0 1 connected'
    const suspected = 'b 10.0.0.2:1@2 slave,fail? a 0 0 1 disconnected'
    expect(opinionOf(parseClusterNodes(`${a}\n${b}`))).toBe(
      opinionOf(parseClusterNodes(`${suspected}\n${a}`)),
    )
  })

  it('depends on owners and on failure', () => {
    const before = opinionOf(parseClusterNodes('a 10.0.0.1:1@2 master - 0 0 1 connected 0-5'))
    expect(opinionOf(parseClusterNodes('a 10.0.0.1:1@2 master - 0 0 1 connected 0-6'))).not.toBe(before)
    expect(opinionOf(parseClusterNodes('a 10.0.0.1:1@2 master,fail - 0 0 1 connected 0-5'))).not.toBe(before)
  })
})
