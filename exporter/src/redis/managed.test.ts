import { describe, expect, it } from 'vitest'
import { explainBlocked, isBlocked } from './managed.js'

describe('isBlocked', () => {
  it.each([
    ["ERR unknown command 'CONFIG'", true],
    ['ERR unknown subcommand or wrong number of arguments for `config`', true],
    ["NOPERM this user has no permissions to run the 'config|set' command", true],
    ['ERR CONFIG SET failed - argument must be between 1 and 64 inclusive', false],
    ['LOADING Redis is loading the dataset in memory', false],
  ])('%s: %s', (message, blocked) => expect(isBlocked(message)).toBe(blocked))
})

describe('explainBlocked', () => {
  const unknown = "ERR unknown command 'CONFIG'"

  it.each([
    ['clustercfg.c1.abc.use1.cache.amazonaws.com:6379', 'Amazon ElastiCache', 'modify-cache-parameter-group'],
    ['c1-abc.serverless.use1.cache.amazonaws.com:6379', 'Amazon ElastiCache Serverless', 'usage limit'],
    [
      'clustercfg.m.abc.memorydb.eu-west-1.amazonaws.com:6379',
      'Amazon MemoryDB',
      'memorydb update-parameter-group',
    ],
    ['mine.redis.cache.windows.net:6380', 'Azure Cache for Redis', 'az redis update'],
    [
      'mine.westeurope.redis.azure.net:10000',
      'Azure Managed Redis or Redis Enterprise',
      'az redisenterprise',
    ],
    ['redis-1.c1.us-east-1-2.ec2.redns.redis-cloud.com:1', 'Redis Cloud', 'console'],
    ['r-x.aivencloud.com:1', 'Aiven', 'avn service update'],
  ])('%s is %s', (host, service, todo) => {
    const told = explainBlocked(unknown, ['10.0.0.1:6379', host])
    expect(told).toMatchObject({ service, todo: expect.stringContaining(todo) as string })
  })

  it('goes by what INFO says where the host is an address', () =>
    expect(explainBlocked(unknown, ['10.0.0.1:6379'], 'Amazon ElastiCache').service).toBe(
      'Amazon ElastiCache',
    ))

  it('guesses no service, and says what it could be', () => {
    const told = explainBlocked(unknown, ['evil-cache.amazonaws.com.example:6379'])
    expect(told.service).toBeUndefined()
    expect(told.todo).toContain('neither host name nor INFO tell')
  })

  it('a user without the right needs the right', () =>
    expect(
      explainBlocked("NOPERM this user has no permissions to run the 'config|get' command", []).todo,
    ).toContain('permit config|get'))
})
