#!/usr/bin/env node
/**
 * Builds the plugin into dist/; `--development` without minifying. Prints what is wrong and exits 1 when it fails, also
 * when an entry has grown too large or shares modules with another.
 */
import { join } from 'node:path'
import webpack from 'webpack'
import { oversized, sharedModules } from './entries.mjs'
import { plugins, webpackConfig } from './webpack.config.mjs'

const mode = process.argv.includes('--development') ? 'development' : 'production'
const compiler = webpack(webpackConfig({ mode }))
compiler.run((error, stats) => {
  if (error) process.stderr.write(`${error.stack}\n`)
  else if (stats.hasErrors() || stats.hasWarnings())
    process.stderr.write(`${stats.toString({ preset: 'errors-warnings', colors: process.stderr.isTTY })}\n`)
  const built = !error && !stats.hasErrors()
  const wrong = built ? sharedModules(stats.compilation) : []
  if (built && mode === 'production') wrong.push(...oversized(join(import.meta.dirname, '../dist'), plugins))
  for (const line of wrong) process.stderr.write(`${line}\n`)
  compiler.close(() => (process.exitCode = built && wrong.length === 0 ? 0 : 1))
})
