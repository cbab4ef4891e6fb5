import type { Samples } from '../exposition/families.js'
import type { InfoFields } from '../redis/replies.js'
import { family, gauge, infoSection } from './table.js'

/** INFO tls (Valkey 9.1 and later). */
export const tls = infoSection('tls', {
  tls_server_cert_expires_in_seconds: gauge(
    'tls_server_cert_expires_in_seconds',
    'Seconds until the server certificate of the node expires; 0 without TLS.',
  ),
  tls_client_cert_expires_in_seconds: gauge(
    'tls_client_cert_expires_in_seconds',
    'Seconds until the client certificate of the node expires; 0 without one.',
  ),
  tls_ca_cert_expires_in_seconds: gauge(
    'tls_ca_cert_expires_in_seconds',
    'Seconds until the CA certificate of the node expires; 0 without one.',
  ),
})

const certificate = family('gauge', 'tls_certificate_info', 'A certificate of the node; always 1.')

export const tlsFamilies = [certificate]

/** `tls_server_cert_serial:826F01147AC63276`; `none` without TLS. */
export function collectCertificates(info: InfoFields, samples: Samples): void {
  for (const name of ['server', 'client', 'ca']) {
    const serial = info.get(`tls_${name}_cert_serial`)
    if (serial === undefined) continue
    samples.add(certificate, 1, [
      ['certificate', name],
      ['serial', serial],
    ])
  }
}
