export interface AppPart {
  sources: string[]
  script: string
  makes: string
}
export declare const appParts: Record<'plugin' | 'preview host', AppPart>
export declare function staleParts(root?: string): (keyof typeof appParts)[]
export declare function markBuilt(name: keyof typeof appParts, digest: string, root?: string): void
export declare function sourceDigest(root: string, paths: readonly string[]): string
