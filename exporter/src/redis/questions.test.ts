import { expect, it } from 'vitest'
import { NodeTexts } from './node-texts.js'
import { Questions } from './questions.js'
import { STANDARD_READ_OPTIONS, type NodeFacts } from './readings.js'

const facts: NodeFacts = { runId: '', version: 700, valkeyVersion: 0, mode: 'cluster' }
const options = {
  ...STANDARD_READ_OPTIONS,
  collectors: new Set(['slowlog', 'latencystats', 'latency_histogram']),
}

const questions = (texts = new NodeTexts()) => new Questions(facts, '10.0.0.1:6379', options, texts)

it('keeps replies and not the memory that they came in, once where two readings have the same', () => {
  const asked = questions()
  const round = asked.round(0)
  const came = Array.from({ length: round.pipeline.count }, (_, i) => Buffer.from(`$2\r\n${10 + i}\r\n`))
  const replies = new Map(asked.answered(round, came))
  for (const frame of came) frame.fill('x')
  expect(replies.get('slowlog')!.frames.map(String)).toEqual(['$2\r\n11\r\n', '$2\r\n12\r\n'])
  expect(replies.get('latency_histogram')!.frames[1]).toBe(replies.get('latencystats')!.frames[0])
})

it('has the same object for what is as it was, and another for what is not', () => {
  const asked = questions()
  const take = (length: string) => {
    const round = asked.round(1e9)
    const frames = ['$3\r\na:1\r\n', `:${length}\r\n`, '*0\r\n', '*0\r\n', '$0\r\n\r\n'].map((text) =>
      Buffer.from(text),
    )
    return asked.answered(round, frames.slice(0, round.pipeline.count)).get('slowlog')
  }
  const first = take('1')
  expect(take('1')).toBe(first)
  expect(take('2')!.frames.map(String)).toEqual([':2\r\n', '*0\r\n'])
})

it('asks nodes that are alike by the same words', () => {
  expect(questions().round(0).pipeline).toBe(questions().round(0).pipeline)
})
