#!/usr/bin/env node
/**
 * Builds the plugin into dist/; `--development` without minifying. Prints what is wrong and exits 1 when it fails, also
 * when an entry has grown too large.
 */
import { join } from 'node:path'
import webpack from 'webpack'
import { oversized } from './entries.mjs'
import { plugins, webpackConfig } from './webpack.config.mjs'

const mode = process.argv.includes('--development') ? 'development' : 'production'
const compiler = webpack(webpackConfig({ mode }))
compiler.run((error, stats) => {
  if (error) process.stderr.write(`${error.stack}\n`)
  else if (stats.hasErrors() || stats.hasWarnings())
    process.stderr.write(`${stats.toString({ preset: 'errors-warnings', colors: process.stderr.isTTY })}\n`)
  const built = !error && !stats.hasErrors()
  const tooLarge =
    built && mode === 'production' ? oversized(join(import.meta.dirname, '../dist'), plugins) : []
  for (const line of tooLarge) process.stderr.write(`${line}\n`)
  compiler.close(() => (process.exitCode = built && tooLarge.length === 0 ? 0 : 1))
})
