import type { Compilation } from 'webpack'

export const MOST_ENTRY_BYTES: number
export function oversized(dist: string, folders: readonly string[], most?: number): string[]
export function sharedModules(compilation: Pick<Compilation, 'modules' | 'chunkGraph'>): string[]
