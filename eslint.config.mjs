import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const rules = {
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/no-non-null-assertion': 'off',
  '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  '@typescript-eslint/only-throw-error': 'error',
  'no-console': 'error',
}

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '.cache/', '.run/'] },
  {
    files: ['**/*.ts'],
    ignores: ['grafana-app/**'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.test.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules,
  },
  {
    files: ['grafana-app/**/*.{ts,tsx}'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat.recommended,
    ],
    languageOptions: {
      parserOptions: { project: ['./grafana-app/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules,
  },
  {
    // The host offers what Grafana still offers to plugins, deprecated or not.
    files: ['grafana-app/preview/client/**'],
    rules: { '@typescript-eslint/no-deprecated': 'off' },
  },
  {
    files: ['grafana-app/src/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['#contract/*'],
              allowTypeImports: true,
              message: 'Types only: the schemas (zod) must not reach the browser.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['exporter/src/**/*.ts'],
    ignores: ['exporter/src/cli/**', 'exporter/src/main.ts', '**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        {
          name: 'process',
          message: 'Only main.ts and cli/ read the process; pass what is needed as an argument.',
        },
      ],
    },
  },
)
