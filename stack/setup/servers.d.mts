export declare const repoRoot: string
export declare const releaseServers: Readonly<
  Record<
    'redis-server' | 'redis-cli' | 'redis-benchmark' | 'prometheus' | 'promtool' | 'alertmanager' | 'amtool',
    readonly string[]
  >
>
export declare const testServers: Readonly<Record<'chromium', readonly string[]>>
export declare const newerServers: Readonly<
  Record<
    | 'redis8-server'
    | 'redis8-cli'
    | 'valkey9-server'
    | 'valkey9-cli'
    | 'redis_exporter'
    | 'prometheus3'
    | 'promtool3'
    | 'alertmanager3'
    | 'amtool3'
    | 'docker-compose',
    readonly string[]
  >
>
export type ServerName = keyof typeof releaseServers | keyof typeof testServers | keyof typeof newerServers
export declare function serversDir(env?: NodeJS.ProcessEnv): string
export declare function testServersDir(release: string, env?: NodeJS.ProcessEnv): string
export declare function debianRelease(osRelease?: string): string | undefined
export declare function locateServer(name: ServerName, env?: NodeJS.ProcessEnv): string | undefined
export declare function findServer(name: ServerName, env?: NodeJS.ProcessEnv): string
export declare function missingServers(names: readonly string[]): string
