#!/usr/bin/env node
/** Builds the plugin into dist/; `--development` without minifying. Prints what is wrong and exits 1 when it fails. */
import webpack from 'webpack'
import { webpackConfig } from './webpack.config.mjs'

const mode = process.argv.includes('--development') ? 'development' : 'production'
const compiler = webpack(webpackConfig({ mode }))
compiler.run((error, stats) => {
  const failed = error || stats.hasErrors()
  if (error) process.stderr.write(`${error.stack}\n`)
  else if (stats.hasErrors() || stats.hasWarnings())
    process.stderr.write(`${stats.toString({ preset: 'errors-warnings', colors: process.stderr.isTTY })}\n`)
  compiler.close(() => (process.exitCode = failed ? 1 : 0))
})
