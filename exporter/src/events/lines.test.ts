import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { linesOf } from './lines.js'

async function linesIn(...pieces: string[]): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesOf(Readable.from(pieces))) lines.push(line)
  return lines
}

it('puts together what comes in pieces, and leaves out what has no end', async () => {
  expect(await linesIn('a\nb', 'c', '', 'd\n\ne', '\nf')).toEqual(['a', 'bcd', '', 'e'])
})

it('gives up a line that has no end, without looking at it again and again', async () => {
  const piece = 'x'.repeat(8 * 1024 ** 2)
  await expect(linesIn(...Array<string>(64).fill(piece))).rejects.toThrow('a line is longer than 256 MiB')
})
