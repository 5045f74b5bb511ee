import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Tests of real parts wait for cameras and servers most of their time, so that two files run at once take little more
 * than half the time of one after the other, on two cores.
 */
const REAL_PARTS = { pool: 'forks', maxWorkers: 2, sequence: { groupOrder: 1 } } as const;
/** A browser that plays keeps both cores busy: two at once took longer, and judged pictures that came late. */
const BROWSERS = { pool: 'forks', maxWorkers: 1, sequence: { groupOrder: 2 } } as const;

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // As main.ts has it: a process that opens a network reports to nobody.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    projects: [
      // Far more than any of them takes: on a busy machine a test is slow, not wrong.
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
      {
        extends: true,
        test: {
          ...REAL_PARTS,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          ...REAL_PARTS,
          name: 'fuzz',
          include: ['test/fuzz/**/*.test.ts'],
          // The long form (npm run fuzz) tries a hundred thousand inputs a surface.
          testTimeout: 3_600_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          ...REAL_PARTS,
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          ...BROWSERS,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
