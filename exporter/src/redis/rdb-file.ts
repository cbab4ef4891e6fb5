import { stat } from 'node:fs/promises'
import { basename, isAbsolute, join } from 'node:path'
import { decode, pairsOf, type Replies, type Reply } from './replies.js'

/**
 * Looks at the size of the RDB file that CONFIG's `dir` and `dbfilename` name, on this machine: right only where the
 * exporter runs beside the node and sees its files.
 * @returns as if the node had answered with the number of bytes; 0 when there is no such file
 */
export async function readRdbFile(config: Replies | undefined): Promise<Replies> {
  let parameters: ReadonlyMap<string, Reply>
  try {
    const frame = config?.frames[0]
    parameters = pairsOf(frame && decode(frame))
  } catch (error) {
    return { frames: [], error: `the answer to CONFIG GET makes no sense: ${(error as Error).message}` }
  }
  const [dir, name] = [parameters.get('dir'), parameters.get('dbfilename')]
  if (typeof dir !== 'string' || typeof name !== 'string' || dir === '' || name === '') {
    return {
      frames: [],
      error: 'CONFIG GET tells neither dir nor dbfilename, so nobody knows where the RDB file is',
    }
  }
  if (name !== basename(name) || !isAbsolute(dir)) {
    return { frames: [], error: 'dir and dbfilename do not name a file in a folder; not looked at' }
  }
  try {
    const file = await stat(join(dir, name))
    if (!file.isFile()) return { frames: [], error: 'the RDB file is no regular file; not looked at' }
    return { frames: [Buffer.from(`:${file.size}\r\n`)] }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return { frames: [Buffer.from(':0\r\n')] }
    return { frames: [], error: `the RDB file cannot be looked at: ${code ?? 'unknown error'}` }
  }
}
