import { defineConfig } from 'vitest/config'

/**
 * Two kinds of tests. `unit` needs nothing but this checkout and runs in parallel; `real` starts real servers,
 * one file at a time, so that their timing does not depend on what else runs.
 */
export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['*/src/**/*.test.ts', '*/test/unit/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'real',
          include: ['*/test/real/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
