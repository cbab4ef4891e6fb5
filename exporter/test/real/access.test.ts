import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { startNode, type RedisNode } from '../../../stack/src/redis-node.js'
import { until } from '../../../stack/src/until.js'
import { parseExposition, valueOf } from '../exposition.js'

const PASSWORD = 'correct-horse-battery-staple'
const WRONG = 'hunter2-is-not-the-password'

/** Runs an exporter, hands it over, and checks that no secret came out of it. */
async function withExporter(
  args: string[],
  use: (exporter: Exporter) => Promise<void>,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const [port] = await freePorts(1)
  const exporter = await startExporter({
    port: port!,
    args: [...args, '--discovery.interval=200ms', '--log-level=debug'],
    env,
  })
  try {
    await use(exporter)
    const shown = exporter.child.tail() + (await exporter.get('/metrics')).body
    expect(shown).not.toContain(PASSWORD)
    expect(shown).not.toContain(WRONG)
  } finally {
    await exporter.stop()
  }
}

describe('a cluster with a password', () => {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-password-'))
  let cluster: RedisCluster
  let seed: string

  beforeAll(async () => {
    cluster = await startCluster({ ports: await freePorts(2, { bus: true }), dir, password: PASSWORD })
    seed = `redis://${cluster.nodes[0]!.address}`
  })
  afterAll(async () => {
    await cluster.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const sd = (exporter: Exporter) => exporter.get('/sd')

  it('is read with the password of a file', async () => {
    const passwordFile = join(dir, 'password')
    const config = join(dir, 'slotwise.yml')
    writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 })
    writeFileSync(
      config,
      `clusters:\n  - name: demo\n    seeds: [${seed}]\n    passwordFile: ${passwordFile}\n`,
    )
    await withExporter(['--config.file', config], async (exporter) => {
      await until(async () => (await sd(exporter)).body.includes('"__meta_slotwise_role":"primary"'), {
        timeoutMs: 40_000,
        what: '/sd to know the nodes',
      })
      const families = parseExposition((await exporter.get('/metrics')).body)
      expect([...families.get('redis_up')!.samples.values()]).toEqual([1, 1])
    })
  })

  it('warns of a secret file that others can read, and refuses it with --strict-files', async () => {
    const passwordFile = join(dir, 'open-password')
    const config = join(dir, 'open.yml')
    writeFileSync(passwordFile, PASSWORD)
    chmodSync(passwordFile, 0o644)
    writeFileSync(
      config,
      `clusters:\n  - name: demo\n    seeds: [${seed}]\n    passwordFile: ${passwordFile}\n`,
    )
    await withExporter(['--config.file', config], async (exporter) => {
      await until(() => exporter.child.tail().includes('can be read by others'), {
        timeoutMs: 30_000,
        what: 'the warning',
      })
    })
    const [port] = await freePorts(1)
    await expect(
      startExporter({ port: port!, args: ['--config.file', config, '--strict-files'] }),
    ).rejects.toThrow(/can be read by others; chmod 600/)
  })

  it('says what is missing without a password: one reason in the log and in the metrics, and the seed is a target', async () => {
    await withExporter([`--cluster.name=demo`, `--redis.addr=${seed}`], async (exporter) => {
      await until(async () => (await sd(exporter)).status === 200, {
        timeoutMs: 40_000,
        what: 'the first attempt to end',
      })
      expect((await sd(exporter)).body).toContain(`"__param_target":"${seed}"`)
      expect(exporter.child.tail()).toContain('the node wants a password')
      for (const path of ['/metrics', `/scrape?target=${seed}`]) {
        const families = parseExposition((await exporter.get(path)).body)
        expect([...families.get('redis_up')!.samples.values()]).toEqual([0])
        expect([...families.get('redis_exporter_last_scrape_error')!.samples.keys()][0]).toContain(
          'the node wants a password',
        )
      }
      expect((await exporter.get('/-/ready')).status).toBe(200)
    })
  })

  it('says that a password is wrong, and never shows it', async () => {
    const env = { REDIS_PASSWORD: WRONG }
    await withExporter(
      [`--redis.addr=${seed}`],
      async (exporter) => {
        const families = parseExposition((await exporter.get('/metrics')).body)
        expect(valueOf(families, 'redis_up{}')).toBe(0)
        expect([...families.get('redis_exporter_last_scrape_error')!.samples.keys()][0]).toContain(
          'user name or password are wrong',
        )
      },
      env,
    )
  })
})

describe('an ACL user that may run little', () => {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-acl-'))
  let cluster: RedisCluster

  beforeAll(async () => {
    cluster = await startCluster({ ports: await freePorts(2, { bus: true }), dir })
    for (const node of cluster.nodes)
      await node.cli('ACL', 'SETUSER', 'watcher', 'on', `>${PASSWORD}`, '+info')
  })
  afterAll(async () => {
    await cluster.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('costs only what it may not run', async () => {
    const args = [`--redis.addr=redis://${cluster.nodes[0]!.address}`, '--redis.user=watcher']
    await withExporter(
      args,
      async (exporter) => {
        const families = parseExposition((await exporter.get('/metrics')).body)
        expect(valueOf(families, 'redis_up{}')).toBe(1)
        expect(valueOf(families, 'slotwise_collector_success{collector="cluster_info"}')).toBe(0)
        expect(valueOf(families, 'slotwise_collector_success{collector="info"}')).toBe(1)
        const reasons = [...families.get('slotwise_collector_error_info')!.samples.keys()].join('\n')
        expect(reasons).toMatch(/collector="cluster_info".*CLUSTER INFO: NOPERM/)
        expect(reasons).toMatch(/collector="latency_histogram".*LATENCY HISTOGRAM: NOPERM/)
        expect(valueOf(families, 'redis_exporter_last_scrape_error{err=""}')).toBe(0)
        await exporter.get('/metrics')
        expect(exporter.child.tail(50).match(/LATENCY HISTOGRAM: NOPERM/g)).toHaveLength(1)
        expect(families.has('redis_memory_used_bytes')).toBe(true)
      },
      { REDIS_PASSWORD: PASSWORD },
    )
  })
})

describe('TLS', () => {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-tls-'))
  let node: RedisNode
  let tlsPort: number

  beforeAll(async () => {
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=redis.test',
        '-addext',
        'subjectAltName=DNS:redis.test',
        '-keyout',
        join(dir, 'key.pem'),
        '-out',
        join(dir, 'cert.pem'),
      ],
      { stdio: 'pipe' },
    )
    const [port, tls] = await freePorts(2)
    tlsPort = tls!
    node = await startNode({
      port: port!,
      dir,
      config: {
        'tls-port': String(tls),
        'tls-cert-file': join(dir, 'cert.pem'),
        'tls-key-file': join(dir, 'key.pem'),
        'tls-ca-cert-file': join(dir, 'cert.pem'),
        'tls-auth-clients': 'no',
      },
    })
  })
  afterAll(async () => {
    await node.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const scrape = async (args: string[], port: number) => {
    let error = ''
    let up: number | undefined
    await withExporter([`--redis.addr=rediss://127.0.0.1:${port}`, ...args], async (exporter) => {
      const families = parseExposition((await exporter.get('/metrics')).body)
      up = valueOf(families, 'redis_up{}')
      error = [...families.get('redis_exporter_last_scrape_error')!.samples.keys()][0]!
    })
    return { up, error }
  }

  it('reads a node whose CA and name are given', async () => {
    const args = ['--tls-ca-cert-file', join(dir, 'cert.pem'), '--tls-server-name', 'redis.test']
    expect(await scrape(args, tlsPort)).toMatchObject({ up: 1 })
  })

  it('checks the name that /scrape names for a target outside the clusters', async () => {
    const args = ['--redis.addr=', '--scrape.allow=127.0.0.1', '--tls-ca-cert-file', join(dir, 'cert.pem')]
    await withExporter(args, async (exporter) => {
      const target = `/scrape?target=rediss://127.0.0.1:${tlsPort}`
      const of = async (more: string) => (await exporter.get(target + more)).body
      expect(await of('&tls_server_name=redis.test')).toContain('redis_up 1\n')
      expect(await of('&tls-server-name=redis.test')).toContain('redis_up 1\n')
      expect(await of('')).toMatch(/last_scrape_error\{err="[^"]*for another name; set tls\.serverName/)
    })
  })

  it('reads the files again for the next connection: a renewed CA needs no restart', async () => {
    const ca = join(dir, 'ca-of-today.pem')
    const other = ['-subj', '/CN=other', '-keyout', join(dir, 'other.key'), '-out', ca]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...other], {
      stdio: 'pipe',
    })
    const args = ['--tls-ca-cert-file', ca, '--tls-server-name', 'redis.test']
    await withExporter([`--redis.addr=rediss://127.0.0.1:${tlsPort}`, ...args], async (exporter) => {
      const upNow = async () => valueOf(parseExposition((await exporter.get('/metrics')).body), 'redis_up{}')
      expect(await upNow()).toBe(0)
      copyFileSync(join(dir, 'cert.pem'), ca)
      await until(async () => (await upNow()) === 1, { timeoutMs: 40_000, what: 'the node to be read' })
    })
  })

  it('explains an unknown CA, a wrong name, a port without TLS and one with it', async () => {
    const ca = ['--tls-ca-cert-file', join(dir, 'cert.pem')]
    expect((await scrape([], tlsPort)).error).toMatch(/not signed by a CA that is trusted here/)
    expect((await scrape([...ca, '--tls-server-name', 'other.test'], tlsPort)).error).toMatch(
      /for another name; set tls.serverName/,
    )
    expect((await scrape(ca, node.port)).error).toMatch(
      /does the node speak TLS on this port \(else use redis:/,
    )
    await withExporter([`--redis.addr=redis://127.0.0.1:${tlsPort}`], async (exporter) => {
      const { body } = await exporter.get('/metrics')
      expect(body).toMatch(/last_scrape_error\{err="[^"]*(is this a TLS port|closed the connection|want TLS)/)
    })
  })
})
