import { defineConfig } from 'vitest/config'

/**
 * The kinds of tests. `unit` needs nothing but this checkout and runs in parallel; `app` renders the Grafana app in
 * jsdom, in one context since loading Grafana's packages takes longest; `real` starts real servers, three files at
 * a time, since most of their time is waiting; `browser` comes last and has one stack and one Chromium for all its
 * files.
 */
export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['*/src/**/*.test.ts', '*/test/unit/**/*.test.ts'],
          exclude: ['grafana-app/src/**', '**/node_modules/**'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'app',
          include: ['grafana-app/src/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          setupFiles: ['grafana-app/vitest.setup.ts'],
          isolate: false,
          fileParallelism: false,
          testTimeout: 30_000,
          server: { deps: { inline: [/@grafana\//] } },
        },
      },
      {
        test: {
          name: 'real',
          include: ['*/test/real/**/*.test.ts'],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['grafana-app/test/browser/**/*.test.ts'],
          globalSetup: 'grafana-app/test/browser/folder.ts',
          isolate: false,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          expect: { poll: { timeout: 30_000 } },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
