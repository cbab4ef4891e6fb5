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
    flag: 'control.web-config-file',
    env: 'SLOTWISE_CONTROL_WEB_CONFIG_FILE',
    type: 'string',
    default: '',
    help: "TLS of the control API, also with certificates of clients, in the format of Prometheus' exporter-toolkit",
    file: ['control', 'webConfigFile'],
  },
  {
    flag: 'control.grafana-jwks-url',
    env: 'SLOTWISE_CONTROL_GRAFANA_JWKS_URL',
    type: 'string',
    default: '',
    help: 'keys by which X-Grafana-Id is verified, such as https://grafana.example/api/signing-keys/keys; empty: it is not looked at',
    file: ['control', 'grafanaJwksUrl'],
  },
  {
    flag: 'control.grafana-issuer',
    env: 'SLOTWISE_CONTROL_GRAFANA_ISSUER',
    type: 'string',
    default: '',
    help: "Grafana's root_url as it stands in X-Grafana-Id (iss), such as https://grafana.example/",
    file: ['control', 'grafanaIssuer'],
  },
  {
    flag: 'control.grafana-audience',
    env: 'SLOTWISE_CONTROL_GRAFANA_AUDIENCE',
    type: 'string',
    default: 'org:1',
    help: 'the organisation of Grafana that X-Grafana-Id must be for (aud)',
    file: ['control', 'grafanaAudience'],
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
