import { parse, YAMLParseError } from 'yaml'
import { ConfigError, resolveConfig, type Config } from '../config/config.js'
import { readText } from './secrets.js'

/**
 * Reads the configuration from flags, environment and file.
 * @throws ConfigError
 */
export function loadConfig(flags: Partial<Record<string, string>>, env: NodeJS.ProcessEnv): Config {
  const name = flags['config.file'] ?? env.SLOTWISE_CONFIG_FILE ?? ''
  if (name === '') return resolveConfig({ flags, env })
  return resolveConfig({
    flags,
    env,
    file: { name, content: parseYaml(name, readText(name, '--config.file')) },
  })
}

function parseYaml(name: string, text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof YAMLParseError) throw new ConfigError(`${name}: ${error.message.split('\n')[0]}`)
    throw error
  }
}
