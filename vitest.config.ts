import { defineConfig } from 'vitest/config';

// Integration and e2e start real servers and processes; two at a time is what two cores carry.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // A process for each file would load everything anew: half of what the unit tests take. Nothing of ours lives in
    // module scope but what may be shared, as it is in a node.
    isolate: false,
    maxWorkers: 2,
    reporters: ['default'],
  },
});
