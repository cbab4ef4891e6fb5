export declare function debianSources(
  lines: readonly string[],
  signedBy?: string,
): { sources: string[]; mirror: string | undefined }
export declare function resolvedPackages(printUris: string): { name: string; bytes: number }[]
