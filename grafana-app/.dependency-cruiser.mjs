/**
 * Who may import whom in grafana-app/src: what is shown (pages, panels, extensions) is made of features, features are
 * made of components, calls and queries. A feature does not know its neighbours; only features/operations is shared.
 * test/unit/import-rules.test.ts proves that a forbidden import is caught.
 */
const SRC = '(^|/)src/'
/** What names addresses and settings, of which everybody may know. */
const FACTS = ['app/settings', 'app/paths']
const MADE_OF = ['features', 'components', 'api', 'queries', ...FACTS]

/** folder -> what it may import besides itself */
const mayImport = {
  pages: MADE_OF,
  panels: [...MADE_OF, 'publicPath'],
  extensions: MADE_OF,
  features: ['components', 'api', 'queries', ...FACTS],
  components: ['api', ...FACTS],
  queries: FACTS,
  api: FACTS,
}

const edge = (target) => `${SRC}${target}(/|[.]tsx?$)`
const TESTS = ['[.]test[.]tsx?$', `${SRC}test/`]

export default {
  forbidden: [
    ...Object.entries(mayImport).map(([folder, targets]) => ({
      name: `${folder}-imports`,
      comment: `${folder} may import only: ${[folder, ...targets].join(', ')}.`,
      severity: 'error',
      from: { path: `${SRC}${folder}/`, pathNot: TESTS },
      to: { path: SRC, pathNot: [folder, ...targets].map(edge) },
    })),
    {
      name: 'features-siblings',
      comment: 'A feature imports no other but features/operations.',
      severity: 'error',
      from: { path: `${SRC}features/([^/]+)/`, pathNot: TESTS },
      to: { path: `${SRC}features/`, pathNot: [`${SRC}features/$2/`, `${SRC}features/operations/`] },
    },
    {
      name: 'pages-siblings',
      comment: 'A page imports no other page; what two need is a feature.',
      severity: 'error',
      from: { path: `${SRC}pages/([^/]+)/`, pathNot: TESTS },
      to: { path: `${SRC}pages/`, pathNot: `${SRC}pages/$2/` },
    },
    {
      name: 'tests-stay-out',
      comment: 'What is shipped imports no helper of tests.',
      severity: 'error',
      from: { path: SRC, pathNot: TESTS },
      to: { path: TESTS },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      // names that only TypeScript (#contract) and Grafana's loader (amd-module) know
      to: { couldNotResolve: true, pathNot: '^(#contract/|amd-module$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
}
