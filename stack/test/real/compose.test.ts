import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { SERVICES } from '../../../exporter/src/config/services.js'
import { SCOPES } from '../../../exporter/src/contract/tokens.js'
import { startChild } from '../../src/child.js'
import { startExporter } from '../../src/exporter.js'
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
  build?: { context: string; dockerfile?: string }
  command?: string[] | null
  environment?: Record<string, string>
  read_only?: boolean
  ports?: { host_ip?: string; published: string; target: number }[]
  volumes?: Mount[]
  depends_on?: Record<string, { condition: string }>
  networks?: Record<string, { aliases?: string[] } | null>
}

const composeDir = join(repoRoot, 'stack/compose')
let dir: string
let services: Record<string, Service>

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'slotwise-compose-'))
  services = await servicesOf('docker-compose.yml')
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

/** What Compose makes of these files together. */
async function servicesOf(...files: readonly string[]): Promise<Record<string, Service>> {
  const { stdout } = await run(
    findServer('docker-compose'),
    [...files.flatMap((file) => ['-f', join(repoRoot, file)]), 'config', '--format', 'json'],
    // no daemon is asked, and no .env or variable of whoever runs the test counts
    { env: { PATH: process.env.PATH, HOME: dir } },
  )
  return (JSON.parse(stdout) as { services: Record<string, Service> }).services
}

/** Runs make-secrets.sh; what it printed, with the changes of owner that it asked for: they take root. */
async function makeSecrets(folder: string): Promise<string> {
  const chown = join(dir, 'chown')
  writeFileSync(chown, '#!/bin/sh\necho "chown $@"\n')
  chmodSync(chown, 0o755)
  const { stdout } = await run('sh', [join(composeDir, 'make-secrets.sh'), folder], {
    env: { PATH: `${dir}:${process.env.PATH ?? ''}` },
  })
  return stdout
}

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

  it('pins every image, and builds the exporter and Grafana with the plugin from this checkout', () => {
    for (const [name, { image, build }] of Object.entries(services)) {
      if (name === 'exporter' || name === 'grafana') {
        expect(build?.context).toBe(repoRoot)
        const file = readFileSync(join(repoRoot, build?.dockerfile ?? 'Dockerfile'), 'utf8')
        for (const [, from] of file.matchAll(/^ARG \w+=(\S+)$/gm))
          expect(from, name).toMatch(/^[a-z/]+:\d+\.\d+\.\d+(-[a-z]+)*$/)
      } else expect(image, name).toMatch(/^[a-z/]+:v?\d+\.\d+\.\d+(-[a-z]+)*$/)
    }
  })

  it('publishes on loopback only, what the README says', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? [])
    expect(ports.map((port) => port.host_ip)).toEqual(ports.map(() => '127.0.0.1'))
    expect(ports.map((port) => Number(port.published)).sort((a, b) => a - b)).toEqual([
      3000, 8121, 9090, 9093, 9121,
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

describe('the exporter', () => {
  it("keeps its event log on a volume, in the folder that the image gives to the program's user", () => {
    const dockerfile = readFileSync(join(repoRoot, 'Dockerfile'), 'utf8')
    const folder = /^ENV SLOTWISE_EVENTS_URL=file:(.+)\/slotwise\.db$/m.exec(dockerfile)?.[1]
    expect(dockerfile).toMatch(
      new RegExp(`^RUN install -d -o node -g node -m 0700 ${folder!}\nENV .*\nUSER node$`, 'm'),
    )
    const log = services.exporter?.volumes?.find(({ target }) => target === folder)
    expect(log).toMatchObject({ type: 'volume', source: 'events' })
    expect(log?.read_only).toBeUndefined()
    expect(services.exporter?.read_only).toBe(true)
  })

  it('lets in who has the token that the first start made, with every scope', async () => {
    const secrets = mkdtempSync(join(dir, 'secrets-'))
    await makeSecrets(secrets)
    expect(services.exporter?.depends_on?.['secrets-init']?.condition).toBe('service_completed_successfully')
    expect(mountedFrom('exporter', '/run/slotwise')).toBe(mountedFrom('secrets-init', '/run/slotwise'))
    const [port, controlPort] = (await freePorts(2)) as [number, number]
    const exporter = await startExporter({
      port,
      control: { port: controlPort, dir: join(secrets, 'data') },
      args: (services.exporter?.command ?? [])
        .slice(1)
        .filter((arg) => !arg.startsWith('--redis.addr='))
        .map((arg) => arg.replace('/run/slotwise', secrets).replace(':8121', `:${controlPort}`))
        .map((arg) => arg.replace('=/warmup', `=${mountedFrom('exporter', '/warmup')!}`)),
      env: { REDIS_ADDR: 'redis://127.0.0.1:1' },
    })
    try {
      const token = readFileSync(join(secrets, 'control-token'), 'utf8').trim()
      const { status, body } = await exporter.api('/whoami', { token })
      expect([status, body]).toEqual([200, expect.objectContaining({ id: 'compose', scopes: SCOPES })])
      expect((await exporter.api('/whoami')).status).toBe(401)
      const { files } = (await exporter.api('/clusters/demo/warmup', { token })).body as { files: unknown[] }
      expect(files).toMatchObject([{ path: 'sample.jsonl' }])
    } finally {
      await exporter.stop()
    }
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
    'has an Alertmanager configuration that %s accepts, which tells the exporter with a token that it has',
    async (tool) => {
      await run(findServer(tool), [
        'check-config',
        mountedFrom('alertmanager', '/etc/slotwise/alertmanager.yml')!,
      ])
      const config = readFileSync(mountedFrom('alertmanager', '/etc/slotwise/alertmanager.yml')!, 'utf8')
      const url = /http:\/\/(\S+):8121\/api\/v1\/alerts/.exec(config)?.[1]
      expect(services.exporter?.networks?.slotwise?.aliases).toContain(url)
      const folder = mkdtempSync(join(dir, 'secrets-'))
      await makeSecrets(folder)
      const token = /credentials_file: \/run\/slotwise\/(\S+)/.exec(config)?.[1]
      expect(existsSync(join(folder, token!))).toBe(true)
      expect(mountedFrom('alertmanager', '/run/slotwise')).toBe('secrets')
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

  it('provisions the plugin: each route of plugin.json has its token, each token its file', async () => {
    const folder = mkdtempSync(join(dir, 'secrets-'))
    await makeSecrets(folder)
    const file = join(mountedFrom('grafana', '/etc/grafana/provisioning/plugins')!, 'slotwise.yml')
    const { apps } = parse(readFileSync(file, 'utf8')) as {
      apps: [{ type: string; jsonData: { apiUrl: string }; secureJsonData: Record<string, string> }]
    }
    const [{ type, jsonData, secureJsonData }] = apps
    const manifest = readFileSync(join(repoRoot, 'grafana-app/src/plugin.json'), 'utf8')
    expect((JSON.parse(manifest) as { id: string }).id).toBe(type)
    const used = [...manifest.matchAll(/\.SecureJsonData\.(\w+)/g)].map(([, name]) => name!)
    expect(Object.keys(secureJsonData).sort()).toEqual([...new Set(used)].sort())
    for (const value of Object.values(secureJsonData)) {
      const path = /^\$__file\{\/run\/slotwise\/(.+)\}$/.exec(value)?.[1]
      expect(existsSync(join(folder, path!)), value).toBe(true)
    }
    expect(Object.keys(services)).toContain(new URL(jsonData.apiUrl).hostname)
  })

  it('makes secrets once, each for one user alone', async () => {
    const folder = mkdtempSync(join(dir, 'secrets-'))
    const owners = {
      'grafana-admin-password': '472:0',
      'grafana-secret-key': '472:0',
      'grafana-read-token': '472:0',
      'grafana-plan-token': '472:0',
      'grafana-run-token': '472:0',
      'alertmanager-token': '65534:65534',
      'tokens.yml': '1000:1000',
      'control-token': undefined,
    }
    const names = Object.keys(owners) as (keyof typeof owners)[]
    const read = () => names.map((name) => readFileSync(join(folder, name), 'utf8'))
    const said = await makeSecrets(folder)
    const made = read()
    const secrets = Object.fromEntries(names.map((name, at) => [name, made[at]!.trim()]))
    const {
      'tokens.yml': tokens = '',
      'grafana-admin-password': password,
      'grafana-secret-key': key,
      ...token
    } = secrets
    for (const secret of [password, key]) expect(secret).toMatch(/^[\w-]{43}$/)
    for (const secret of Object.values(token)) {
      expect(secret).toMatch(/^sw_[\w-]{43}$/)
      expect(tokens).toContain(createHash('sha256').update(secret).digest('hex'))
    }
    const all = [password, key, ...Object.values(token)]
    expect(new Set(all).size).toBe(all.length)
    for (const secret of all) expect(said + tokens).not.toContain(secret)
    for (const name of names) {
      expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600)
      const owner = new RegExp(`^chown (\\S+) ${join(folder, name)}(\\.new)?$`, 'm').exec(said)?.[1]
      expect(owner, name).toBe(owners[name])
    }
    await makeSecrets(folder)
    expect(read()).toEqual(made)

    rmSync(join(folder, 'control-token'))
    await makeSecrets(folder)
    expect(existsSync(join(folder, 'control-token'))).toBe(false)
    expect(readFileSync(join(folder, 'tokens.yml'), 'utf8').trim()).toBe(tokens)
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
      const answer = await until(post, { timeoutMs: 40_000, what: 'the pager to listen' })
      expect(answer.status).toBe(200)
      await until(() => pager.tail().includes('/page firing RedisNodeDown: a is down'), {
        timeoutMs: 40_000,
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
      { timeoutMs: 60_000, what: 'three replicas' },
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
        timeoutMs: 60_000,
        what: 'keys on every node',
      })
    } finally {
      await load.stop()
    }
  })
})

describe('docker-compose.apart.yml', () => {
  it('has every service of Slotwise in some process, operators more than once, around one log on Redis', async () => {
    const apart = await servicesOf('docker-compose.yml', 'docker-compose.apart.yml')
    const flags = (name: string) => apart[name]?.command ?? []
    const processes = Object.keys(apart).filter((name) => flags(name)[0] === 'serve')
    const named = processes.map(
      (name) =>
        flags(name)
          .find((flag) => flag.startsWith('--services='))
          ?.slice('--services='.length) ?? '',
    )
    const all = named.flatMap((list) => list.split(','))
    expect(new Set(all)).toEqual(new Set(SERVICES))
    expect(all.filter((service) => service === 'operator')).toHaveLength(2)
    for (const name of processes) expect(flags(name)).toContain('--events.url=redis://events:6379')
    // Who plans and runs a warmup of a file needs the file.
    for (const name of ['exporter', 'operator-1', 'operator-2'])
      expect(apart[name]?.volumes?.map(({ target }) => target)).toContain('/warmup')
    expect(apart.events?.command).toEqual(expect.arrayContaining(['always', 'noeviction']))
    expect(apart.events?.ports).toBeUndefined()
  })
})
