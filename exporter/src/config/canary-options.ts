import type { Option } from './option.js'

/** Commands of our own whose time is measured. */
export const canaryOptions = [
  {
    flag: 'canary',
    env: 'SLOTWISE_CANARY',
    type: 'boolean',
    default: 'false',
    help: 'send each node a PING now and then and export how long answers take (slotwise_canary_latency_seconds)',
    file: ['canary', 'enabled'],
  },
  {
    flag: 'canary.interval',
    env: 'SLOTWISE_CANARY_INTERVAL',
    type: 'duration',
    default: '5s',
    help: 'how often each node has its turn',
    file: ['canary', 'interval'],
  },
  {
    flag: 'canary.key-prefix',
    env: 'SLOTWISE_CANARY_KEY_PREFIX',
    type: 'string',
    default: '',
    help: 'write to primaries, too: SET and GET of one key each, whose name starts with this; empty: PING only',
    file: ['canary', 'keyPrefix'],
  },
  {
    flag: 'canary.key-ttl',
    env: 'SLOTWISE_CANARY_KEY_TTL',
    type: 'duration',
    default: '1m',
    help: 'after what time such a key expires',
    file: ['canary', 'keyTtl'],
  },
] as const satisfies readonly Option[]
