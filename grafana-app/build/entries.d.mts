export const MOST_ENTRY_BYTES: number
export function oversized(dist: string, folders: readonly string[], most?: number): string[]
