import type { Family, Labels, Samples } from '../exposition/families.js'
import { decode, listOf, pairsOf, ReplyError, type InfoFields, type Reply } from '../redis/replies.js'
import { family, numbered, numberOf, repliesOf, type Collector, type CollectOptions } from './table.js'

const gaugeOf = (name: string, help: string): Family => family('gauge', `sentinel_${name}`, help)

/** Fields of INFO sentinel. */
const INFO: Readonly<Record<string, Family>> = {
  sentinel_masters: gaugeOf('masters', 'Primaries that this Sentinel watches.'),
  sentinel_tilt: gaugeOf('tilt', '1 while the Sentinel is in TILT mode.'),
  sentinel_running_scripts: gaugeOf('running_scripts', 'Scripts that run now.'),
  sentinel_scripts_queue_length: gaugeOf('scripts_queue_length', 'Scripts that wait to run.'),
  sentinel_simulate_failure_flags: gaugeOf('simulate_failure_flags', 'Failures that are being simulated.'),
}

/** Fields of SENTINEL MASTERS, and what their value is divided by. */
const MASTER: Readonly<Record<string, readonly [Family, number]>> = {
  quorum: [gaugeOf('master_setting_ckquorum', 'Sentinels that have to agree that the primary is down.'), 1],
  'failover-timeout': [
    gaugeOf('master_setting_failover_timeout', 'The failover-timeout in milliseconds.'),
    1,
  ],
  'parallel-syncs': [gaugeOf('master_setting_parallel_syncs', 'Replicas that resynchronise at once.'), 1],
  'down-after-milliseconds': [
    gaugeOf('master_setting_down_after_milliseconds', 'The down-after-milliseconds.'),
    1,
  ],
  'config-epoch': [gaugeOf('master_config_epoch', 'Configuration epoch; a failover raises it.'), 1],
  'last-ok-ping-reply': [
    gaugeOf('master_last_ok_ping_reply_seconds', 'Seconds since the primary last answered a PING.'),
    1000,
  ],
}

const status = gaugeOf(
  'master_status',
  '1 when the Sentinel finds the primary ok; master_status says what it finds.',
)
const replicas = gaugeOf('master_slaves', 'Replicas of the primary, those that are down too.')
const sentinels = gaugeOf('master_sentinels', 'Sentinels that watch the primary.')
const okSentinels = gaugeOf(
  'master_ok_sentinels',
  'Sentinels of the primary that are not down, this one included.',
)
const okReplicas = gaugeOf('master_ok_slaves', 'Replicas of the primary that are not down.')
const quorum = gaugeOf(
  'master_ckquorum_status',
  '1 when enough Sentinels are there for a failover; message says why not.',
)
const peerInfo = gaugeOf('peer_info', 'Another Sentinel of a primary; always 1.')
const configKeyValue = gaugeOf('config_key_value', 'A parameter of the Sentinel as text; always 1.')
const configValue = gaugeOf('config_value', 'A parameter of the Sentinel that is a number.')

/** What other Sentinels are given as a password; redis_exporter redacts it since 1.91. */
const SECRET = 'sentinel-pass'

export const sentinel: Collector = {
  name: 'sentinel',
  source: 'INFO sentinel, SENTINEL MASTERS, SENTINELS, SLAVES and CKQUORUM',
  readings: ['info', 'sentinel'],
  families: [
    ...Object.values(INFO),
    ...Object.values(MASTER).map(([family]) => family),
    ...[status, replicas, sentinels, okSentinels, okReplicas, quorum, peerInfo, configKeyValue, configValue],
  ],
  collect(reading, samples, options) {
    if (reading.info) collectInfo(reading.info, samples)
    const [masters, config] = repliesOf(reading, 'sentinel')
    collectConfig(config, samples, options)
    const answers = reading.replies?.get('sentinel')?.more ?? []
    const seen = new Set<string>()
    for (const item of listOf(masters)) {
      const master = pairsOf(item)
      const [name, ip, port] = ['name', 'ip', 'port'].map((field) => master.get(field))
      if (typeof name !== 'string' || typeof ip !== 'string' || typeof port !== 'string' || seen.has(name))
        continue
      seen.add(name)
      const own = new Map(
        answers.filter(({ of }) => of === name).map(({ command, frame }) => [command[1], decode(frame)]),
      )
      collectMaster({ name, address: `${ip}:${port}`, master, answers: own }, samples, options)
    }
  },
}

/** `master0:name=orders,status=ok,address=10.0.0.1:6379,slaves=1,sentinels=3`. */
function collectInfo(info: InfoFields, samples: Samples): void {
  for (const [field, family] of Object.entries(INFO)) {
    const value = numberOf(info.get(field))
    if (value !== undefined) samples.add(family, value)
  }
  const seen = new Set<string>()
  for (const text of numbered(info, 'master')) {
    const fields = new Map(
      text.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    )
    const [slaves, others] = [numberOf(fields.get('slaves')), numberOf(fields.get('sentinels'))]
    const [name, address] = [fields.get('name') ?? '', fields.get('address') ?? '']
    if (slaves === undefined || others === undefined || seen.has(name)) continue
    seen.add(name)
    const labels = labelsOf(name, address)
    const found = fields.get('status') ?? ''
    samples.add(status, found === 'ok' ? 1 : 0, [...labels, ['master_status', found]])
    samples.add(replicas, slaves, labels)
    samples.add(sentinels, others, labels)
  }
}

interface Master {
  readonly name: string
  readonly address: string
  readonly master: ReadonlyMap<string, Reply>
  /** By the subcommand of SENTINEL. */
  readonly answers: ReadonlyMap<string | undefined, Reply>
}

function collectMaster(
  { name, address, master, answers }: Master,
  samples: Samples,
  { sentinelPeers }: CollectOptions,
): void {
  const labels = labelsOf(name, address)
  for (const [field, [family, divideBy]] of Object.entries(MASTER)) {
    const text = master.get(field)
    samples.add(family, (numberOf(typeof text === 'string' ? text : '') ?? 0) / divideBy, labels)
  }
  const verdict = answers.get('CKQUORUM')
  if (verdict !== undefined) {
    const failed = verdict instanceof ReplyError
    samples.add(quorum, failed ? 0 : 1, [
      ['master_name', name],
      ['message', failed ? verdict.message : typeof verdict === 'string' ? verdict : ''],
    ])
  }
  const others = listOf(answers.get('SENTINELS')).map(pairsOf)
  if (answers.has('SENTINELS')) samples.add(okSentinels, 1 + others.filter(isUp).length, labels)
  if (answers.has('SLAVES')) {
    samples.add(okReplicas, listOf(answers.get('SLAVES')).map(pairsOf).filter(isUp).length, labels)
  }
  if (!sentinelPeers) return
  const series = others.map((other) =>
    ['name', 'ip', 'port', 'runid', 'flags'].map((field) => [field, textIn(other, field)] as const),
  )
  for (const own of new Map(series.map((own) => [JSON.stringify(own), own])).values()) {
    samples.add(peerInfo, 1, [...labels, ...own])
  }
}

function collectConfig(reply: Reply | undefined, samples: Samples, { redactConfig }: CollectOptions): void {
  for (const [key, text] of pairsOf(reply)) {
    if (typeof text !== 'string' || (key === SECRET && text !== '' && redactConfig !== false)) continue
    samples.add(configKeyValue, 1, [
      ['key', key],
      ['value', text],
    ])
    const number = /^[-+.\d]/.test(text) ? numberOf(text) : undefined
    if (number !== undefined) samples.add(configValue, number, [['key', key]])
  }
}

function labelsOf(name: string, address: string): Labels {
  return [
    ['master_name', name],
    ['master_address', address],
  ]
}

function isUp(node: ReadonlyMap<string, Reply>): boolean {
  const flags = node.get('flags')
  return typeof flags === 'string' && !/[so]_down/.test(flags)
}

function textIn(node: ReadonlyMap<string, Reply>, field: string): string {
  const text = node.get(field)
  return typeof text === 'string' ? text : ''
}
