#!/usr/bin/env node
/** Builds the client of the preview host into preview/dist, with Grafana's icons and fonts. It is no part of the plugin. */
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'rolldown'

const here = import.meta.dirname
const dist = join(here, 'dist')
/** Built aside, so that a host that runs misses nothing meanwhile. */
const out = join(here, `../node_modules/.cache/slotwise/host-${process.pid}`)
const require = createRequire(join(here, 'client/main.ts'))
const folderOf = (name) => dirname(require.resolve(`${name}/package.json`))

/** Style sheets that the packages import, in one file. The code editor's go: nothing here shows it. */
const styles = []
function keepStyles(id) {
  if (!id.includes('monaco-editor')) styles.push(readFileSync(id, 'utf8'))
  return { code: '', moduleType: 'js' }
}

await build({
  input: { host: join(here, 'client/main.ts') },
  platform: 'browser',
  moduleTypes: { '.ttf': 'empty' },
  plugins: [{ name: 'styles', load: { filter: { id: /\.css$/ }, handler: keepStyles } }],
  tsconfig: false,
  transform: {
    jsx: { runtime: 'automatic' },
    define: { 'process.env.NODE_ENV': '"production"' },
  },
  resolve: {
    alias: {
      ...Object.fromEntries(
        ['i18n', 'runtime', 'ui'].map((name) => [
          `@grafana-deep/${name}`,
          join(folderOf(`@grafana/${name}`), 'dist/esm'),
        ]),
      ),
      // The very copy that @grafana/ui links with.
      'react-router-dom-v5-compat': dirname(
        createRequire(join(folderOf('@grafana/ui'), 'index.js')).resolve(
          'react-router-dom-v5-compat/package.json',
        ),
      ),
    },
  },
  output: {
    dir: join(out, 'build'),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: true,
  },
  checks: { moduleLevelDirective: false },
  logLevel: 'warn',
})

/** Where Grafana serves a file from -> the package that has it. */
const fonts = {
  'inter/Inter-Regular.woff2': '@fontsource/inter/files/inter-latin-400-normal.woff2',
  'inter/Inter-Medium.woff2': '@fontsource/inter/files/inter-latin-500-normal.woff2',
  'inter/Inter-Italic.woff2': '@fontsource/inter/files/inter-latin-400-italic.woff2',
  'inter/Inter-MediumItalic.woff2': '@fontsource/inter/files/inter-latin-500-italic.woff2',
  'roboto/L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ.woff2':
    '@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2',
}
for (const [to, from] of Object.entries(fonts)) {
  const target = join(out, 'fonts', to)
  mkdirSync(dirname(target), { recursive: true })
  cpSync(require.resolve(from), target)
}
cpSync(join(folderOf('@grafana/ui'), 'dist/public/img'), join(out, 'build/img'), { recursive: true })
// The package lacks some of Grafana's icons; these are the ones that would be missed.
cpSync(join(here, 'icons'), join(out, 'build/img/icons/unicons'), { recursive: true, force: false })
writeFileSync(join(out, 'build/styles.css'), styles.join('\n'))

rmSync(dist, { recursive: true, force: true })
renameSync(out, dist)
