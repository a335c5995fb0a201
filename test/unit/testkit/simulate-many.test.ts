import { describe, expect, it } from 'vitest';
import { BASIC_OPTIONS, BASIC_TABLE, BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { assertEffectsOnce } from '../../testkit/assertions.ts';
import { FRIENDLY_MODEL } from '../../testkit/model.ts';
import { shrinkScript } from '../../testkit/shrink-script.ts';
import { simulateMany, simulateSeed } from '../../testkit/simulate-many.ts';
import { RESTORE_CHECK } from './restore-check.ts';

const script = { options: { dump: 'monday' } };

describe('many simulated runs', () => {
  it('are the same for the same seed, and others for another', async () => {
    const [one, same, other] = [
      await simulateMany(RESTORE_CHECK, { script, runs: 50, seed: 3 }),
      await simulateMany(RESTORE_CHECK, { script, runs: 50, seed: 3 }),
      await simulateMany(RESTORE_CHECK, { script, runs: 50, seed: 4 }),
    ];
    expect(same.table()).toBe(one.table());
    expect(other.table()).not.toBe(one.table());
  });

  it('tell each end with its share, its durations and a seed that leads to it again', async () => {
    const many = await simulateMany(RESTORE_CHECK, { script, runs: 400, seed: 1 });
    expect(many.ends.reduce((sum, { runs }) => sum + runs, 0)).toBe(400);
    expect(many.ends[0]?.end).toBe('COMPLETED');
    expect(many.ends.length).toBeGreaterThan(3);
    for (const { end, p50, p95, max, seed } of many.ends) {
      expect(p50 <= p95 && p95 <= max).toBe(true);
      const again = await simulateSeed(RESTORE_CHECK, { script, seed });
      expect([again.exit.status, `${again.exit.status} (${again.exit.cause})`]).toContain(end);
    }
    expect(many.table()).toMatch(/400 runs with the seed 1[\s\S]*COMPLETED +\d+\.\d %[\s\S]*Rows taken: \d+ of \d+/);
  });

  it('name the rows and states that none of them took', async () => {
    const many = await simulateMany(RESTORE_CHECK, { script, runs: 20, model: FRIENDLY_MODEL });
    expect(many.ends.map(({ end }) => end)).toEqual(['COMPLETED']);
    expect(many.rowsNeverTaken).toContain('restore fail');
    expect(many.rowsNeverTaken).not.toContain('restore success');
    expect(many.statesNeverVisited).toEqual([
      'restoreFailed',
      'again',
      'containerWipTerminate',
      'failure',
      'terminate',
    ]);
  });

  it('hold what the script says in each of them', async () => {
    const base = { ...script, containers: [{ diesAfter: 9 }], processes: { restore: { exitCode: 1 } } };
    const many = await simulateMany(RESTORE_CHECK, { script: base, runs: 20, model: FRIENDLY_MODEL });
    expect(many.ends.map(({ end }) => end)).toEqual(['ERROR_USER (dump)']);
  });

  it('never do an effect twice, whatever dies', async () => {
    await simulateMany(RESTORE_CHECK, {
      script: { ...script, takeovers: 'everywhere' },
      runs: 200,
      holds: (run) => assertEffectsOnce(run),
    });
  });

  it('that break a condition are shrunk to the shortest script', async () => {
    const failed = simulateMany(RESTORE_CHECK, {
      script,
      runs: 500,
      holds: (run) => run.exit.status !== 'ERROR_USER',
    });
    await expect(failed).rejects.toThrow(
      /Run \d+, with the seed \d+: the condition does not hold[\s\S]*The shortest script that shows it: \{"processes":\{"restore":\{"exitCode":1\}\}\}[\s\S]*restoreFailed/,
    );
  });

  it('end at a limit when the table never does', async () => {
    class Spinner extends BasicWip {
      override get kind(): string {
        return 'Spinner';
      }
      override getStateTable(): string {
        return `${BASIC_TABLE.replace('start {', 'start:look {\n  more start wait=1')}`;
      }
      override get transitions(): Record<string, readonly string[]> {
        return { look: ['more', 'done'] };
      }
      look(_context: WipContext): string {
        return 'more';
      }
    }
    const spinner = defineWip({
      kind: 'Spinner',
      version: 1,
      options: BASIC_OPTIONS,
      create: (task) => new Spinner(task),
    });
    const many = await simulateMany(spinner, { runs: 2, world: { maxSteps: 200 }, model: FRIENDLY_MODEL });
    expect(many.ends.map(({ end }) => end)).toEqual(['step-limit in start']);
  });
});

describe('shrinking a script', () => {
  it('drops what is not needed and shortens what is', async () => {
    const long = {
      containers: [{ readyAfter: 40 }, { readyAfter: 33, diesAfter: 480 }],
      processes: { a: { runsFor: 3 }, b: { runsFor: 9, exitCode: 3 } },
      pause: { at: 'a', lasts: 7 },
    };
    const shortest = await shrinkScript(long, ({ containers, processes }) => {
      const dies = (containers ?? []).some(({ diesAfter }) => Number(diesAfter ?? 0) > 100);
      return Promise.resolve(dies && processes?.['b'] !== undefined);
    });
    expect(shortest).toEqual({ containers: [{ diesAfter: 108 }], processes: { b: {} } });
  });
});
