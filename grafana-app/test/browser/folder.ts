import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** For the files of the stack; removed when all tests are over. */
    folder: string
  }
}

/** Vitest's global set-up of the browser tests: it outlives the worker, which ends by a signal. */
export default function ({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'slotwise-browser-'))
  provide('folder', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
