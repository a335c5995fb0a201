import { describe, expect, it } from 'vitest';
import { buildFile, makeRepository } from '../kit/builds/git-place.ts';
import { eventually } from '../kit/eventually.ts';
import { useDevSystem } from '../kit/programs/use-dev-system.ts';

const system = useDevSystem();

// More than the agent and the build tool need beside it, so that the sum and the highest of two runs differ.
const STEP = 'head -c 3000000 /dev/urandom > made; sha256sum made; sleep 1';

describe('a task that was restarted', () => {
  it('has peaks of memory and disk, per attempt and in all', async () => {
    const source = makeRepository(system.place.path('app'), { 'acquia-pipelines.yaml': buildFile(STEP) });
    const first = await system.dev.build({ sourceVcsUri: source, vcsPath: 'main' });
    expect(first).toMatchObject({ exitStatus: 'COMPLETED', usage: { memoryPeakBytes: expect.any(Number) as number } });
    expect(await system.dev.wipctl('restart', String(first.id))).toMatchObject({ code: 0 });
    const again = await eventually(
      'the second end',
      async () => {
        const task = await system.dev.client.findTask(first.id);
        return task.status === 'COMPLETE' && task.attempts.length === 2 ? task : undefined;
      },
      90_000,
    );
    const known = {
      memoryPeakBytes: expect.any(Number) as number,
      diskPeakBytes: expect.any(Number) as number,
      diskWorkloadBytes: expect.any(Number) as number,
      cpuSeconds: expect.any(Number) as number,
      wallSeconds: expect.any(Number) as number,
    };
    expect(again.attempts).toMatchObject([{ usage: known }, { usage: known }]);
    expect(again.usage).toMatchObject(known);
    const peaks = again.attempts.map(({ usage }) => usage?.memoryPeakBytes ?? 0);
    expect(again.usage?.memoryPeakBytes).toBe(Math.max(...peaks));
  });
});
