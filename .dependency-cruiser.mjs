/**
 * The import rules of docs/decisions/0001-house.md: who may import whom in exporter/src. Each folder lists what it may reach;
 * everything else of ours is forbidden. test/unit/import-rules.test.ts proves that a forbidden import is caught.
 */
const SRC = '(^|/)src/'

/** folder -> folders it may import (besides itself); a folder within it may have a line of its own */
const mayImport = {
  http: ['services', 'operations', 'exposition', 'events', 'redis', 'contract'],
  'services/scraper': ['collectors', 'exposition', 'redis'],
  'services/canary': ['redis'],
  'services/discovery': ['events', 'redis', 'contract'],
  'services/health': ['events', 'redis', 'contract'],
  'services/eviction': ['events', 'redis', 'contract'],
  'services/alerting': ['events', 'redis', 'contract'],
  'services/retention': ['events'],
  'services/operator': ['operations'],
  operations: ['events', 'redis', 'contract'],
  collectors: ['exposition/families', 'redis/replies'],
  'events/stores': ['events', 'redis', 'contract'],
  events: ['contract'],
  exposition: [],
  redis: [],
  contract: [],
  config: [],
}

const edge = (target) => `${SRC}${target}(/|[.][jt]s$)`

/** Folders within this one that have a line of their own. */
const within = (folder) =>
  Object.keys(mayImport)
    .filter((other) => other.startsWith(`${folder}/`))
    .map((other) => `${SRC}${other}/`)

const boundaries = Object.entries(mayImport).map(([folder, targets]) => ({
  name: `${folder.replace('/', '-')}-imports`,
  comment: `${folder} may import only: ${[folder, ...targets].join(', ')}.`,
  severity: 'error',
  from: { path: `${SRC}${folder}/`, pathNot: ['[.]test[.]ts$', ...within(folder)] },
  to: { path: SRC, pathNot: [folder, ...targets].map(edge) },
}))

/** folders that use no library but the named ones */
const onlyLibrary = (folder, libraries) => ({
  name: `${folder.replace('/', '-')}-libraries`,
  comment: `${folder} uses no library but ${libraries.join(', ')}.`,
  severity: 'error',
  from: { path: `${SRC}${folder}/`, pathNot: '[.]test[.]ts$' },
  to: {
    dependencyTypesNot: ['local', 'core'],
    path: 'node_modules',
    pathNot: libraries.map((l) => `node_modules/${l}/`),
  },
})

/**
 * One folder a kind, one file a collector: none imports its neighbour. `composers` bring them together and may,
 * `shared` may be imported.
 */
const noSiblings = (folder, { composers = [], shared = [] } = {}) => {
  const named = (names) => names.map((name) => `${SRC}${folder}/${name}[.]`)
  return {
    name: `${folder.replace('/', '-')}-siblings`,
    comment: `What stands in ${folder} does not import its neighbours.`,
    severity: 'error',
    from: { path: `${SRC}${folder}/([^/.]+)`, pathNot: ['[.]test[.]ts$', ...named(composers)] },
    to: { path: `${SRC}${folder}/`, pathNot: [`${SRC}${folder}/$2`, ...named(shared)] },
  }
}

export default {
  forbidden: [
    ...boundaries,
    onlyLibrary('contract', ['zod']),
    onlyLibrary('config', ['zod']),
    noSiblings('collectors', { composers: ['catalogue', 'node', 'sections'], shared: ['table'] }),
    noSiblings('operations/kinds'),
    {
      name: 'sockets-only-in-redis',
      comment: 'Only redis/ opens a socket to Redis.',
      severity: 'error',
      from: { path: SRC, pathNot: [`${SRC}redis/`, '[.]test[.]ts$'] },
      to: { path: '^(net|tls|node:net|node:tls)$|node_modules/ioredis/' },
    },
    {
      name: 'libsql-only-in-stores',
      comment: 'Only events/stores opens the database.',
      severity: 'error',
      from: { path: SRC, pathNot: [`${SRC}events/stores/`, '[.]test[.]ts$'] },
      to: { path: 'node_modules/libsql/' },
    },
    {
      name: 'composition-is-the-top',
      comment: 'main.ts and cli/ know everything; nothing imports them.',
      severity: 'error',
      from: { path: SRC, pathNot: [`${SRC}(cli/|main[.]ts)`] },
      to: { path: `${SRC}(cli/|main[.]ts)` },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js'], conditionNames: ['import', 'node', 'types'] },
  },
}
