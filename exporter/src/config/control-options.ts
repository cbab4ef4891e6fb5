import type { Option } from './option.js'

/** The control listener, and what is told to it. */
export const controlOptions = [
  {
    flag: 'control.listen-address',
    env: 'SLOTWISE_CONTROL_LISTEN_ADDRESS',
    type: 'string',
    default: '127.0.0.1:8121',
    help: 'address of the control API',
    file: ['control', 'listenAddress'],
  },
  {
    flag: 'control.tokens-file',
    env: 'SLOTWISE_CONTROL_TOKENS_FILE',
    type: 'string',
    default: '',
    help: 'YAML file with the tokens of the control API (slotwise token new); without one it is read-only, on loopback',
    file: ['control', 'tokensFile'],
  },
  {
    flag: 'alerting.expire-after',
    env: 'SLOTWISE_ALERTING_EXPIRE_AFTER',
    type: 'duration',
    default: '5h',
    help: 'after what time an alert counts as over when Alertmanager does not tell of it again; longer than its repeat_interval',
    file: ['alerting', 'expireAfter'],
  },
] as const satisfies readonly Option[]
