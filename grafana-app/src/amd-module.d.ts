/** AMD's own module: where this file was loaded from. */
declare module 'amd-module' {
  export const uri: string
}
