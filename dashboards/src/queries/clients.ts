/** Connections and network. */
import { ofNodes } from './selectors.js'

export { clients as connected } from './nodes.js'

export const blocked = `max by (instance) (redis_blocked_clients{${ofNodes}})`

export const connections = `sum by (instance) (rate(redis_connections_received_total{${ofNodes}}[$__rate_interval]))`

/** Refused because of maxclients. */
export const rejected = `sum by (instance) (rate(redis_rejected_connections_total{${ofNodes}}[$__rate_interval]))`

export const networkIn = `sum by (instance) (rate(redis_net_input_bytes_total{${ofNodes}}[$__rate_interval]))`

export const networkOut = `sum by (instance) (rate(redis_net_output_bytes_total{${ofNodes}}[$__rate_interval]))`
