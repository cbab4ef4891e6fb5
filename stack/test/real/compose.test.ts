import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { startChild } from '../../src/child.js'
import { freePorts } from '../../src/ports.js'
import { startNode, type RedisNode } from '../../src/redis-node.js'
import { findServer, repoRoot } from '../../src/servers.js'
import { until } from '../../src/until.js'

const run = promisify(execFile)

interface Mount {
  type: 'bind' | 'volume'
  source: string
  target: string
  read_only?: boolean
}

interface Service {
  image?: string
  build?: { context: string }
  command?: string[] | null
  environment?: Record<string, string>
  ports?: { host_ip?: string; published: string; target: number }[]
  volumes?: Mount[]
  depends_on?: Record<string, { condition: string }>
}

const composeDir = join(repoRoot, 'stack/compose')
let dir: string
let services: Record<string, Service>

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'slotwise-compose-'))
  const { stdout } = await run(
    findServer('docker-compose'),
    ['-f', join(repoRoot, 'docker-compose.yml'), 'config', '--format', 'json'],
    // no daemon is asked, and no .env or variable of whoever runs the test counts
    { env: { PATH: process.env.PATH, HOME: dir } },
  )
  services = (JSON.parse(stdout) as { services: Record<string, Service> }).services
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

const mounts = () => Object.values(services).flatMap((service) => service.volumes ?? [])
const mountedFrom = (service: string, target: string) =>
  services[service]?.volumes?.find((mount) => mount.target === target)?.source

describe('docker-compose.yml', () => {
  it('has the cluster, the exporter, Prometheus, Alertmanager and Grafana', () => {
    const nodes = Object.keys(services).filter((name) => /^redis-\d$/.test(name))
    expect(nodes).toHaveLength(6)
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining(['exporter', 'prometheus', 'alertmanager', 'grafana']),
    )
    expect(services['cluster-init']?.command?.slice(2)).toEqual(nodes.map((name) => `${name}:6379`))
  })

  it('pins every image, and builds the exporter from this checkout', () => {
    for (const [name, { image, build }] of Object.entries(services)) {
      if (name === 'exporter') expect(build?.context).toBe(repoRoot)
      else expect(image, name).toMatch(/^[a-z/]+:v?\d+\.\d+\.\d+(-[a-z]+)*$/)
    }
  })

  it('publishes on loopback only, what the README says', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? [])
    expect(ports.map((port) => port.host_ip)).toEqual(ports.map(() => '127.0.0.1'))
    expect(ports.map((port) => Number(port.published)).sort((a, b) => a - b)).toEqual([
      3000, 9090, 9093, 9121,
    ])
  })

  it('mounts files that are there, and mounts them read-only', () => {
    const bound = mounts().filter((mount) => mount.type === 'bind')
    expect(bound.length).toBeGreaterThan(0)
    for (const { source, read_only: readOnly } of bound) {
      expect(existsSync(source), source).toBe(true)
      expect(readOnly, source).toBe(true)
    }
  })

  it('keeps passwords out of the file: Grafana reads what the first start made', () => {
    const environment = services.grafana?.environment ?? {}
    expect(environment.GF_SECURITY_ADMIN_PASSWORD__FILE).toBe('/run/slotwise/grafana-admin-password')
    expect(environment.GF_AUTH_ANONYMOUS_ENABLED).toBe('false')
    const secret = Object.keys(environment).filter((name) => /PASSWORD|SECRET|TOKEN/.test(name))
    expect(secret.every((name) => name.endsWith('__FILE'))).toBe(true)
    expect(mountedFrom('grafana', '/run/slotwise')).toBe(mountedFrom('secrets-init', '/run/slotwise'))
    expect(services.grafana?.depends_on?.['secrets-init']?.condition).toBe('service_completed_successfully')
  })
})

describe('what it mounts', () => {
  const prometheusConfig = readFileSync(join(composeDir, 'prometheus.yml'), 'utf8')

  it.each(['promtool', 'promtool3'] as const)(
    'has a Prometheus configuration with our rules that %s accepts',
    async (tool) => {
      const rules = mountedFrom('prometheus', '/etc/slotwise/rules')!
      const file = join(dir, 'prometheus.yml')
      writeFileSync(file, prometheusConfig.replaceAll('/etc/slotwise/rules', rules))
      const { stdout } = await run(findServer(tool), ['check', 'config', file])
      expect(stdout).toContain(join(rules, 'slotwise.yml'))
      expect(stdout).toMatch(/SUCCESS: \d+ rules found/)
    },
  )

  it('reads one job from /sd with honor_labels, and tells the composed Alertmanager', () => {
    const config = parse(prometheusConfig) as {
      scrape_configs: { job_name: string; honor_labels?: boolean; http_sd_configs?: { url: string }[] }[]
    }
    expect(config.scrape_configs).toMatchObject([
      { job_name: 'slotwise', honor_labels: true, http_sd_configs: [{ url: 'http://exporter:9121/sd' }] },
    ])
    expect(prometheusConfig).toContain("'alertmanager:9093'")
  })

  it.each(['amtool', 'amtool3'] as const)(
    'has an Alertmanager configuration that %s accepts',
    async (tool) => {
      await run(findServer(tool), [
        'check-config',
        mountedFrom('alertmanager', '/etc/slotwise/alertmanager.yml')!,
      ])
    },
  )

  it('provisions Grafana with the data sources and the dashboard', () => {
    const provisioned = (folder: string): unknown =>
      parse(
        readFileSync(
          join(mountedFrom('grafana', `/etc/grafana/provisioning/${folder}`)!, 'slotwise.yml'),
          'utf8',
        ),
      )
    const { datasources } = provisioned('datasources') as { datasources: { uid: string; url: string }[] }
    for (const { url } of datasources) expect(Object.keys(services)).toContain(new URL(url).hostname)
    expect(datasources.map(({ uid }) => uid)).toEqual(['slotwise-prometheus', 'slotwise-alertmanager'])

    const { providers } = provisioned('dashboards') as { providers: [{ options: { path: string } }] }
    const [{ options }] = providers
    const dashboards = mountedFrom('grafana', options.path)!
    const home = services.grafana?.environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH ?? ''
    expect(dirname(home)).toBe(options.path)
    expect(existsSync(join(dashboards, home.slice(options.path.length + 1)))).toBe(true)
  })

  it('makes secrets once, for Grafana alone', async () => {
    // chown to Grafana's user takes root, which the tests may not be
    const chown = join(dir, 'chown')
    writeFileSync(chown, '#!/bin/sh\necho "chown $@"\n')
    chmodSync(chown, 0o755)
    const make = () =>
      run('sh', [join(composeDir, 'make-secrets.sh'), dir], {
        env: { PATH: `${dir}:${process.env.PATH ?? ''}` },
      })
    const read = () =>
      ['grafana-admin-password', 'grafana-secret-key'].map((name) => readFileSync(join(dir, name), 'utf8'))
    const { stdout } = await make()
    const made = read()
    expect(stdout).toContain(`chown 472:0 ${join(dir, 'grafana-admin-password')}`)
    for (const secret of made) expect(secret).toMatch(/^[\w-]{32}$/)
    expect(made[0]).not.toBe(made[1])
    expect(stdout).not.toContain(made[0])
    expect(statSync(join(dir, 'grafana-admin-password')).mode & 0o777).toBe(0o600)
    await make()
    expect(read()).toEqual(made)
  })

  it('prints what Alertmanager would page', async () => {
    const [port] = await freePorts(1)
    const pager = startChild({
      name: 'pager',
      command: process.execPath,
      args: [join(composeDir, 'pager.mjs'), String(port)],
    })
    const alert = {
      status: 'firing',
      labels: { alertname: 'RedisNodeDown' },
      annotations: { summary: 'a is down' },
    }
    const post = () =>
      fetch(`http://127.0.0.1:${port!}/page`, { method: 'POST', body: JSON.stringify({ alerts: [alert] }) })
    try {
      const answer = await until(post, { timeoutMs: 20_000, what: 'the pager to listen' })
      expect(answer.status).toBe(200)
      await until(() => pager.tail().includes('/page firing RedisNodeDown: a is down'), {
        timeoutMs: 20_000,
        what: 'the line of the alert',
      })
    } finally {
      await pager.stop()
    }
  })
})

describe('the scripts of the cluster', () => {
  let nodes: RedisNode[]

  beforeAll(async () => {
    const ports = await freePorts(6, { bus: true })
    nodes = await Promise.all(ports.map((port) => startNode({ port, dir, cluster: true })))
  })

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop('SIGKILL')))
  })

  const path = () => `${dirname(findServer('redis-cli'))}:${process.env.PATH ?? ''}`
  const create = () =>
    run('sh', [join(composeDir, 'create-cluster.sh'), ...nodes.map((node) => node.address)], {
      env: { PATH: path() },
    })

  it('make a cluster of the nodes, and leave one alone that is there', async () => {
    const first = await create()
    expect(first.stdout).toContain('the cluster of 6 nodes is ok')
    const ids = await Promise.all(nodes.map((node) => node.cli('CLUSTER', 'MYID')))
    await until(
      async () => {
        const lines = (await nodes[0]!.cli('CLUSTER', 'NODES')).split('\n')
        return lines.filter((line) => line.includes('slave')).length === 3
      },
      { timeoutMs: 30_000, what: 'three replicas' },
    )
    const second = await create()
    expect(second.stdout.trim()).toBe('the cluster of 6 nodes is ok')
    expect(await Promise.all(nodes.map((node) => node.cli('CLUSTER', 'MYID')))).toEqual(ids)
  })

  it('put a small load on it', async () => {
    const load = startChild({
      name: 'load',
      command: 'sh',
      args: [join(composeDir, 'load.sh'), '127.0.0.1', String(nodes[0]!.port)],
      env: { PATH: path() },
    })
    const keys = async () => (await Promise.all(nodes.map((node) => node.cli('DBSIZE')))).map(Number)
    try {
      await until(async () => (await keys()).filter((count) => count > 0).length === 6, {
        timeoutMs: 30_000,
        what: 'keys on every node',
      })
    } finally {
      await load.stop()
    }
  })
})
