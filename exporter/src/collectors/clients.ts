import { gauge, infoSection } from './table.js'

/** INFO clients. */
export const clients = infoSection('clients', {
  connected_clients: gauge('connected_clients', 'Connected clients, replicas not counted.'),
  cluster_connections: gauge('cluster_connections', 'Sockets of the cluster bus, roughly.'),
  maxclients: gauge('max_clients', 'The maxclients limit.'),
  paused_timeout_milliseconds: gauge(
    'clients_paused_timeout_milliseconds',
    'Milliseconds that clients will still be paused.',
  ),
  blocked_clients: gauge('blocked_clients', 'Clients that wait in a blocking command.'),
  tracking_clients: gauge('tracking_clients', 'Clients that use client-side caching.'),
  pubsub_clients: gauge('pubsub_clients', 'Clients in publish-subscribe mode.'),
  watching_clients: gauge('watching_clients', 'Clients that watch keys.'),
  clients_in_timeout_table: gauge('clients_in_timeout_table', 'Clients in the table of timeouts.'),
  total_watched_keys: gauge('total_watched_keys', 'Watched keys.'),
  total_blocking_keys: gauge('total_blocking_keys', 'Keys that clients block on.'),
  total_blocking_keys_on_nokey: gauge(
    'total_blocking_keys_on_nokey',
    'Keys whose deletion blocked clients wait for.',
  ),
  client_longest_output_list: gauge(
    'client_longest_output_list',
    'Longest output list of a client (before Redis 5).',
  ),
  client_biggest_input_buf: gauge(
    'client_biggest_input_buf',
    'Biggest input buffer of a client (before Redis 5).',
  ),
  client_recent_max_output_buffer: gauge(
    'client_recent_max_output_buffer_bytes',
    'Biggest output buffer of a client lately.',
  ),
  client_recent_max_input_buffer: gauge(
    'client_recent_max_input_buffer_bytes',
    'Biggest input buffer of a client lately.',
  ),
})
