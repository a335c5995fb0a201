import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFaultBase, type FaultBase } from './fault-base.ts';
import { killEverywhere } from './kill-everywhere.ts';
import { runSchedule } from './run-schedule.ts';
import { FAILPOINTS, PLAIN, planSchedule, ROTATION_FAILPOINTS } from './schedule.ts';

// Ten times faster than real time: a lease of 30 s is 3 s, which a busy machine can still keep.
const SPEED = 10;
// Limits of whole runs on two busy cores. No assertion depends on time.
const LONG_MS = 400_000;

let base: FaultBase;
beforeAll(async () => {
  base = await startFaultBase({ speed: SPEED, nodes: 'processes', parallel: 1 });
});
afterAll(() => base.close());

describe('nodes that are killed', () => {
  it(
    'lose none of 1,500 acknowledged signals and repeat no state without saying so',
    async () => {
      const result = await runSchedule(base, {
        ...PLAIN,
        seed: 1_500,
        nodes: 3,
        boundSeconds: 1_800,
        tasks: Array.from({ length: 15 }, () => ({ afterSeconds: 0, kind: 'Collector', options: { count: 100 } })),
        events: Array.from({ length: 6 }, (_, index) => ({
          afterSeconds: 20 + index * 20,
          kind: 'kill-node',
          node: index % 3,
          whenUp: true,
        })),
        weather: { loseRequest: 0.05, loseAnswer: 0.1, duplicate: 0.3, cutUser: 0.1, maxDelayMs: 20_000 },
      });
      expect(result.violations).toEqual([]);
      expect(result.endings).toEqual({ '4': 15 });
      expect(result.acknowledged).toBeGreaterThanOrEqual(1_500);
      expect(result.kills).toBeGreaterThanOrEqual(3);
    },
    LONG_MS,
  );

  it(
    'launch one container and start one build script, wherever in a build they die',
    async () => {
      const { points, violations, failed } = await killEverywhere(base, { everyState: false });
      expect(violations).toEqual([]);
      expect(failed).toEqual([]);
      expect(points.map((point) => point.replace(/@.*/, ''))).toEqual(
        expect.arrayContaining([
          'after-launch-intent',
          'before-launch-settled',
          'after-process-intent',
          'after-process-started',
          'after-request-intent',
          'after-request-sent',
          'before-request-settled',
        ]),
      );
    },
    LONG_MS,
  );
});

describe('the fault harness', () => {
  it('plans the same schedule from the same seed, and another from another', () => {
    expect(planSchedule(42)).toEqual(planSchedule(42));
    expect(planSchedule(42)).not.toEqual(planSchedule(43));
  });

  it('knows every failpoint that the product has', async () => {
    const room = path.resolve(import.meta.dirname, '../../controlplane');
    const files = (await readdir(room, { recursive: true })).filter((file) => file.endsWith('.ts'));
    const sources = await Promise.all(files.map((file) => readFile(path.join(room, file), 'utf8')));
    const found = sources.flatMap((source) =>
      [...source.matchAll(/failpoint\(\s*['`]([^'`]+)['`]/g)].map((match) => match[1] ?? ''),
    );
    const kinds = ['entering', 'wait', 'wait-on', 'yield', 'complete'];
    const names = found.flatMap((name) =>
      name.includes('${') ? kinds.map((kind) => name.replace(/\$\{.*\}/, kind)) : [name],
    );
    expect([...new Set(names)].sort()).toEqual([...FAILPOINTS, ...ROTATION_FAILPOINTS].sort());
  });

  // Not chosen: the first ones. Others are run in one process (suite.ts); `npm run faults` runs any number.
  it(
    'finds every promise kept after the schedules of seeds 1 and 2',
    async () => {
      const results = await Promise.all([1, 2].map((seed) => runSchedule(base, planSchedule(seed))));
      expect(results.flatMap(({ violations }) => violations)).toEqual([]);
    },
    LONG_MS,
  );
});
