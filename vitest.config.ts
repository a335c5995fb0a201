import { defineConfig } from 'vitest/config';
import { LongestFirst } from './config/longest-first.ts';

/** They hold programs of the TypeScript compiler: more than a gigabyte. */
const COMPILING = ['aws/policies', 'package/compile-errors', 'package/public-types'].map(
  (name) => `test/unit/${name}.test.ts`,
);

// Integration and e2e start real servers and processes; two at a time is what two cores carry.
export default defineConfig({
  test: {
    setupFiles: ['test/kit/hold-to-model.ts'],
    // A guard against what hangs, and no measure: two busy cores of a slow machine take ten times what idle ones do.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          // A project of its own: test/e2e/package.test.ts installs it elsewhere and runs its tests there.
          exclude: ['test/fixtures/restore-check/**', 'node_modules/**', ...COMPILING],
          // A process for each file would load everything anew: half of what the unit tests take. Nothing of ours lives in
          // module scope but what may be shared, as it is in a node.
          isolate: false,
        },
      },
      {
        extends: true,
        // Each has a process of its own. One that goes on with so much memory takes 20 ms to start another process.
        test: { name: 'compiling', include: COMPILING, isolate: true },
      },
    ],
  },
});
