export declare function replaceBytes(bytes: Buffer, from: string, to: string): Buffer
