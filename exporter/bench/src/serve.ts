import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startExporter, type ControlledExporter } from '../../../stack/dist/exporter.js'
import { freePorts } from '../../../stack/dist/ports.js'
import { makeFullToken } from '../../../stack/dist/start/token.js'

/** An exporter with this configuration and a token that may do everything; its files are in `dir`. */
export async function serve(
  config: object,
  dir: string,
): Promise<{ exporter: ControlledExporter; token: string }> {
  const file = join(dir, 'slotwise.yml')
  writeFileSync(file, stringify(config))
  const tokensFile = join(dir, 'tokens.yml')
  const token = await makeFullToken(tokensFile)
  const [port, controlPort] = await freePorts(2)
  const exporter = await startExporter({
    port: port!,
    args: ['--config.file', file, '--cluster.name=', '--redis.addr='],
    env: { NODE_OPTIONS: '' },
    control: { port: controlPort!, dir: join(dir, 'events'), tokensFile },
  })
  return { exporter, token }
}
