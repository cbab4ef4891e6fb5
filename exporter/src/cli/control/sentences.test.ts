import { describe, expect, it } from 'vitest'
import type { StoredEvent } from '../../contract/events.js'
import { renderEvent } from './render.js'
import { sentenceOf } from './sentences.js'

const event = (name: string, data: unknown): StoredEvent => ({
  specversion: '1.0',
  id: 'e',
  type: `io.slotwise.${name}`,
  source: 'test',
  subject: 'control',
  time: '2026-11-22T00:00:00.000Z',
  datacontenttype: 'application/json',
  data,
  streamversion: 1,
  previoushash: '',
  hash: '',
  position: '1',
})
const by = { token: 'me' }

describe('sentenceOf', () => {
  it.each([
    ['freeze.changed', { on: true, reason: 'incident', by }, 'operations are frozen: incident (by me)'],
    ['operation.progressed', { nodes: [] }, 'it came further'],
    ['operation.resumed', { reason: 'over', by }, 'goes on: over (by me)'],
    [
      'operation.rate-changed',
      { by, rate: { keysPerSecond: 1500 } },
      'goes at another rate: 1,500 keys/s (by me)',
    ],
    ['operation.paused', { reason: '', gates: ['frozen'] }, 'paused: frozen'],
    ['operation.taken-up', {}, 'taken up again from the last checkpoint'],
    [
      'operation.taken-up',
      { process: 'b-2-22', from: 'a-1-11' },
      'taken up again from the last checkpoint by b-2-22 from a-1-11',
    ],
    ['operation.ended', { state: 'succeeded', summary: 'all there' }, 'ended as succeeded: all there'],
    [
      'operation.compared',
      { checked: 1000, same: 999, different: 0, missing: 1, gone: 0, examples: [] },
      'looked again at 1,000 keys: 0 differ, 1 are missing',
    ],
  ])('says %s', (name, data, sentence) => expect(sentenceOf(event(name, data))).toBe(sentence))
})

describe('renderEvent', () => {
  it('shows the payload of what this version does not know', () => {
    expect(renderEvent(event('moon.rose', { phase: 'full' }))).toMatch(/moon\.rose +control {2}phase=full$/)
    expect(renderEvent(event('freeze.changed', { on: 'perhaps' }))).toMatch(/ control {2}on=perhaps$/)
  })

  it('is one harmless line', () => {
    const line = renderEvent(event('freeze.changed', { on: true, reason: 'a\n\u001b[2J', by }))
    expect(line).not.toMatch(/[\n\u001b]/)
  })
})
