import { Agent, request } from 'node:http'

/** What Prometheus 3.5 sends with its defaults. */
const ACCEPT =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'

export interface Scraped {
  /** Until the last byte; milliseconds. */
  readonly wallMs: number
  /** Until the first byte of the body; milliseconds. */
  readonly firstByteMs: number
  /** Of the body as it came over the wire. */
  readonly bytes: number
}

/** Scrapes as Prometheus does: over connections that are kept, with its headers. */
export class ScrapeClient {
  readonly #agent: Agent

  /** @param connections at most; more requests than that wait */
  constructor(connections = Infinity) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  /**
   * Gets a URL and throws away what it says.
   * @param gzip as Prometheus asks; else uncompressed
   * @throws Error an answer other than 200
   */
  scrape(url: string, gzip: boolean): Promise<Scraped> {
    return this.#ask(url, gzip, () => undefined)
  }

  /** The text at a URL, uncompressed. */
  async text(url: string): Promise<string> {
    const chunks: Buffer[] = []
    await this.#ask(url, false, (chunk) => chunks.push(chunk))
    return Buffer.concat(chunks).toString()
  }

  close(): void {
    this.#agent.destroy()
  }

  #ask(url: string, gzip: boolean, take: (chunk: Buffer) => void): Promise<Scraped> {
    const headers = {
      accept: ACCEPT,
      'accept-encoding': gzip ? 'gzip' : 'identity',
      'user-agent': 'Prometheus/3.5.0',
      'x-prometheus-scrape-timeout-seconds': '10',
    }
    return new Promise((resolve, reject) => {
      const started = performance.now()
      const asked = request(url, { agent: this.#agent, headers }, (answer) => {
        let firstByteMs = 0
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          firstByteMs ||= performance.now() - started
          bytes += chunk.length
          take(chunk)
        })
        answer.on('error', reject)
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve({ wallMs: performance.now() - started, firstByteMs, bytes })
          else reject(new Error(`${url}: HTTP ${answer.statusCode ?? 'without a status'}`))
        })
      })
      asked.on('error', (error) => reject(new Error(`${url}: ${error.message}`, { cause: error })))
      asked.end()
    })
  }
}
