/**
 * Builds the plugin as Grafana loads it, after the conventions of @grafana/create-plugin: AMD modules, Grafana's own
 * packages as externals, one entry for every plugin.json (the app and the panels nested in it).
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import CopyPlugin from 'copy-webpack-plugin'

const root = resolve(import.meta.dirname, '..')
const source = join(root, 'src')

/** What Grafana provides at run time; a second copy would not share its state. */
const externals = [
  { 'amd-module': 'module' },
  'lodash',
  'moment',
  'react',
  'react/jsx-runtime',
  'react-dom',
  'rxjs',
  'i18next',
  'react-router',
  '@emotion/css',
  '@emotion/react',
  /^@grafana\/(data|ui|runtime)$/,
]

/** Folders below src/ that have a plugin.json; '' is the app itself. */
export const plugins = ['', 'panels/warmup', 'panels/eviction']

export function webpackConfig({ mode = 'production' } = {}) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const fill = (content) =>
    content
      .toString()
      .replaceAll('%VERSION%', version)
      .replaceAll('%TODAY%', new Date().toISOString().slice(0, 10))
  return {
    mode,
    context: source,
    devtool: 'source-map',
    // The entries may be on one page and share the list that chunks are pushed to. Without a layer each, one would take
    // the other's cut of a module for its own: the same id, but only the exports that the other uses.
    experiments: { layers: true },
    entry: Object.fromEntries(
      plugins.map((folder) => [
        join(folder, 'module'),
        { import: `./${join(folder, 'module.tsx')}`, layer: folder || 'app' },
      ]),
    ),
    externals,
    output: {
      path: join(root, 'dist'),
      clean: true,
      filename: '[name].js',
      chunkFilename: '[name].js?_cache=[contenthash]',
      library: { type: 'amd' },
      uniqueName: 'slotwise-clusters-app',
    },
    resolve: { extensions: ['.ts', '.tsx', '.js'], extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
    module: {
      rules: [
        {
          test: /\.tsx?$/,
          exclude: /node_modules/,
          use: {
            loader: 'swc-loader',
            options: {
              jsc: {
                target: 'es2022',
                parser: { syntax: 'typescript', tsx: true },
                transform: { react: { runtime: 'automatic' } },
              },
            },
          },
        },
        { test: /\.svg$/, type: 'asset/resource', generator: { filename: 'img/[name][ext]' } },
      ],
    },
    plugins: [
      new CopyPlugin({
        patterns: [
          { from: '**/plugin.json', to: '.', transform: fill },
          { from: '**/img/*', to: '.' },
          { from: '../README.md', to: '.' },
          { from: '../../LICENSE', to: '[name]' },
          { from: '../../dashboards/generated/*.json', to: 'dashboards/[name][ext]' },
        ],
      }),
    ],
    optimization: { splitChunks: { chunks: 'async' } },
    performance: { hints: false },
    cache: { type: 'filesystem', cacheDirectory: join(root, 'node_modules/.cache/webpack') },
    stats: 'errors-warnings',
  }
}
