import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFaultBase, type FaultBase } from './fault-base.ts';
import { killContainers } from './kill-containers.ts';

// One node and one build at a time, so that nobody has to keep a lease against a busy machine.
const SPEED = 20;
// A limit of whole runs on two busy cores. No assertion depends on time.
const LONG_MS = 400_000;

let base: FaultBase;
beforeAll(async () => {
  base = await startFaultBase({ speed: SPEED, nodes: 'in-process', parallel: 2 });
});
afterAll(() => base.close());

describe('containers that die', () => {
  // `npm run faults -- --containers` kills at more points, and on the way of a silent build too.
  it.each(['killed', 'limit-disk'] as const)(
    'in each state (%s) end their task with the sentence why, or as it was decided before',
    async (death) => {
      const ways = ['succeeds', 'fails', 'has-no-file'] as const;
      const { killed, wrong, violations } = await killContainers(base, { death, at: 'entering', ways });
      expect({ wrong, violations }).toEqual({ wrong: [], violations: [] });
      expect(killed.map(({ point }) => point)).toEqual(
        expect.arrayContaining(
          ['containerWipCheckSsh', 'executeBuildScript', 'logBuildFailureMessage', 'containerWipRelease'].map(
            (state) => `after-save-entering@${state}`,
          ),
        ),
      );
    },
    LONG_MS,
  );
});
