import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeComplaint, parseArguments } from '../../setup/checks.mjs'
import { debianSources, resolvedPackages } from '../../setup/packages.mjs'
import { debianRelease, findServer, missingServers } from '../../setup/servers.mjs'
import { replaceBytes } from '../../setup/unpack.mjs'

test.each([
  ['20.19.0', true],
  ['20.20.2', true],
  ['22.0.0', true],
  ['20.18.3', false],
  ['18.20.8', false],
])('Node %s will do: %s', (version, good) => {
  const complaint = nodeComplaint(version)
  expect(complaint === undefined).toBe(good)
  if (!good) expect(complaint).toMatch(new RegExp(`needs Node 20.19 or newer; this is ${version}`))
})

test('the arguments of the set-up', () => {
  expect(parseArguments(['--quiet', '--for=test'])).toEqual({ help: false, quiet: true, purpose: 'test' })
  expect(() => parseArguments(['--for=fun'])).toThrow('unknown argument --for=fun')
})

test.each([
  ['a Debian', 'ID=debian\nVERSION_CODENAME=bookworm\n', 'bookworm'],
  ['a Debian without a code name', 'PRETTY_NAME="Debian"\nID="debian"\n', 'sid'],
  ['another system', 'ID=fedora\nVERSION_CODENAME=""\n', undefined],
  ['a descendant', 'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n', undefined],
  ['no os-release', '', undefined],
])('the release of %s', (_, osRelease, release) => {
  expect(debianRelease(osRelease)).toBe(release)
})

describe("Debian's archives among apt's sources", () => {
  const lines = [
    'https://mirror.example/debian/|bookworm|main',
    'https://mirror.example/debian/|bookworm|contrib',
    'https://mirror.example/debian/|bookworm-updates|main',
    'https://mirror.example/debian-security/|bookworm-security|main',
    'https://packages.example/apt/|cloud-bookworm|main',
    'https://docker.example/linux/debian/|bookworm|stable',
    '',
  ]

  test('are taken, other archives are not', () => {
    expect(debianSources(lines, '/k.gpg')).toEqual({
      mirror: 'https://mirror.example/debian/',
      sources: [
        'deb [signed-by=/k.gpg] https://mirror.example/debian/ bookworm main',
        'deb [signed-by=/k.gpg] https://mirror.example/debian/ bookworm-updates main',
        'deb [signed-by=/k.gpg] https://mirror.example/debian-security/ bookworm-security main',
      ],
    })
  })

  test('may be missing', () => {
    expect(debianSources(['https://packages.example/apt/|x|main'])).toEqual({
      mirror: undefined,
      sources: [],
    })
  })
})

test('the packages that apt would download', () => {
  const output = [
    "'https://m.example/pool/main/r/redis/redis-server_7.0.15-1%7edeb12u7_amd64.deb' redis-server_5%3a7.0.15-1~deb12u7_amd64.deb 73392 MD5Sum:21",
    "'https://m.example/pool/main/j/jemalloc/libjemalloc2_5.3.0-1_amd64.deb' libjemalloc2_5.3.0-1_amd64.deb 275000 SHA256:0f",
  ]
  expect(resolvedPackages(`${output.join('\n')}\n`)).toEqual([
    { name: 'redis-server', bytes: 73392 },
    { name: 'libjemalloc2', bytes: 275_000 },
  ])
})

test('a path inside a program is replaced wherever it stands, and nothing else moves', () => {
  const bytes = replaceBytes(Buffer.from('x/usr/share/a\0/usr/share/a/ui'), '/usr/share/a', '/fd/9///////')
  expect(bytes.toString()).toBe('x/fd/9///////\0/fd/9////////ui')
  expect(() => replaceBytes(bytes, 'long', 'short')).toThrow('differ in length')
})

describe('looking for servers', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'slotwise-path-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  const program = (path: string): string => {
    mkdirSync(join(dir, path, '..'), { recursive: true })
    writeFileSync(join(dir, path), '#!/bin/sh\n')
    chmodSync(join(dir, path), 0o755)
    return join(dir, path)
  }

  test("PATH first, under Debian's name too", () => {
    const path = program('prometheus-alertmanager')
    expect(findServer('alertmanager', { PATH: `/nowhere:${dir}`, SLOTWISE_SERVERS: dir })).toBe(path)
  })

  test('the newer ones only where they are unpacked', () => {
    program('redis8-server')
    const env = { PATH: dir, SLOTWISE_SERVERS: join(dir, 'servers') }
    expect(() => findServer('redis8-server', env)).toThrow(
      /^redis8-server not found: run `node stack\/newer-servers.mjs`/,
    )
    const path = program('servers/newer/bin/redis8-server')
    expect(findServer('redis8-server', env)).toBe(path)
  })

  test('a browser under another name that it goes by', () => {
    const env = { PATH: join(dir, 'bin'), SLOTWISE_SERVERS: join(dir, 'servers') }
    expect(() => findServer('chromium', env)).toThrow(/^chromium not found on PATH: /)
    const path = program('bin/google-chrome')
    expect(findServer('chromium', env)).toBe(path)
  })

  test('a file that cannot be run is none', () => {
    writeFileSync(join(dir, 'amtool'), '')
    expect(() => findServer('amtool', { PATH: dir, SLOTWISE_SERVERS: dir })).toThrow(
      /^amtool not found on PATH: /,
    )
  })
})

test('missing servers are one line that says what to do', () => {
  const line = missingServers(['redis-server', 'prometheus'])
  expect(line).toMatch(/^redis-server, prometheus not found on PATH: .*(npm run setup|docker compose up)/)
  expect(line).not.toContain('\n')
})
