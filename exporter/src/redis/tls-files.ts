import { createSecureContext, type SecureContextOptions } from 'node:tls'

/** @throws Error OpenSSL's reason, when these are no certificates, or a key of another one */
export function checkTlsFiles(files: Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>): void {
  try {
    createSecureContext(files)
  } catch (error) {
    const { reason, message } = error as Error & { reason?: string }
    throw new Error(reason ?? message, { cause: error })
  }
}
