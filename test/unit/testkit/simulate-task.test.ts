import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import '../../testkit/vitest.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';
import { BASIC_OPTIONS, BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { BASIC_WIP, CONTAINER_WIP, defineWip } from '../../../controlplane/tasks/kinds.ts';
import { RESTORE_CHECK } from './restore-check.ts';

const options = { dump: 'monday.sql.gz' };

describe('a simulated task', () => {
  it('ends in virtual time, with its container released', async () => {
    const run = await simulateTask(RESTORE_CHECK, { options, processes: { restore: { runsFor: '3 m' } } });
    expect(run).toEndWith('COMPLETED');
    expect(run).toHaveVisited('containerWipCheckSsh', 'restore', 'report', 'containerWipStop', 'finish');
    expect(run).toBeReleased();
    expect(run.elapsed).toBeGreaterThan(180);
    expect(run).toTakeLessThan('4 m');
  });

  it('a dump that cannot be read is the user’s error, in the words of the program', async () => {
    const run = await simulateTask(RESTORE_CHECK, {
      options,
      container: { readyAfter: '25 s' },
      processes: { restore: { runsFor: '3 m', exitCode: 1, stderr: 'gzip: invalid header' } },
    });
    expect(run).toHaveVisited('containerWipCheckSsh', 'restore', 'restoreFailed', 'containerWipStop');
    expect(run).toEndWith('ERROR_USER', /invalid header/);
    expect(run.why).toBe('The dump cannot be restored: gzip: invalid header.');
    expect(run.container).toBeReleased();
  });

  it('spot takes the machine back twice, the third container finishes', async () => {
    const run = await simulateTask(RESTORE_CHECK, {
      options,
      containers: [{ spotAfter: '40 s' }, { spotAfter: '10 s' }, {}],
      processes: { restore: { runsFor: '2 m' } },
    });
    expect(run.attempts.map(({ endedBy }) => endedBy)).toEqual(['spot', 'spot', 'released']);
    expect(run).toEndWith('COMPLETED');
  });

  it('needs no script where its class needs no options', async () => {
    expect((await simulateTask(BASIC_WIP)).states).toEqual(['start', 'finish']);
    expect(await simulateTask(CONTAINER_WIP)).toEndWith('COMPLETED');
  });

  it('gets the defaults of its options, and sealed ones only through secretOption', async () => {
    const run = await simulateTask(RESTORE_CHECK, { options: { ...options, password: 'canary' } });
    expect(run.processes.find(({ name }) => name === 'restore')?.body.secureEnvironment).toEqual({
      PASSWORD: 'canary',
    });
    expect(run.container?.endedBy).toBe('released');
  });

  it('refuses options that its class refuses', async () => {
    await expect(simulateTask(RESTORE_CHECK, { options: { dump: 1 } as never })).rejects.toThrow(/dump must be a text/);
  });

  it('tells what it did outside', async () => {
    const run = await simulateTask(RESTORE_CHECK, { options: { ...options, containerMaxTime: 600 } });
    expect(run.container?.limits).toEqual({ maxTimeSeconds: 600 });
    expect(run.effects.map(({ kind, name, times }) => `${kind} ${name} ${times}`)).toEqual([
      'launch launch 1',
      'process restore 1',
      'request report 1',
    ]);
    expect(run.deliveries[0]).toMatchObject({ name: 'report', tries: 1, outcome: { kind: 'answered', status: 200 } });
    expect(run.deliveries[0]?.request.body).toBe('monday.sql.gz');
  });

  it('is the same run for the same script', async () => {
    const script = { options, container: { spotAfter: 20, sshRefusals: 3 }, takeovers: 'everywhere' } as const;
    const [one, other] = [await simulateTask(RESTORE_CHECK, script), await simulateTask(RESTORE_CHECK, script)];
    expect(one.explain()).toBe(other.explain());
    expect(one.steps).toEqual(other.steps);
    expect(one.effects).toEqual(other.effects);
  });

  it('gives its script back, and the script gives the run again', async () => {
    const run = await simulateTask(RESTORE_CHECK, { options, container: { diesAfter: '12 s' } });
    const again = await simulateTask(RESTORE_CHECK, JSON.parse(JSON.stringify(run.toScript())) as never);
    expect(again.steps).toEqual(run.steps);
  });

  it('is drawn with its path', async () => {
    const svg = await (await simulateTask(BASIC_WIP)).draw();
    expect(svg).toMatch(/<svg[\s\S]*start[\s\S]*finish/);
  });
});

describe('people and nodes in a script', () => {
  it('somebody terminates the task while it works', async () => {
    const run = await simulateTask(RESTORE_CHECK, { options, terminate: { at: 'restore' } });
    expect(run).toHaveVisited('restore', 'terminate', 'containerWipStop');
    expect(run).toEndWith('TERMINATED');
    expect(run).toBeReleased();
  });

  it('a pause holds the task for its time', async () => {
    const script = { options, processes: { restore: { runsFor: 10 } } } as const;
    const [plain, paused] = await Promise.all([
      simulateTask(RESTORE_CHECK, script),
      simulateTask(RESTORE_CHECK, { ...script, pause: { after: '8 s', lasts: '5 m' } }),
    ]);
    expect(paused).toEndWith('COMPLETED');
    expect(paused.elapsed - plain.elapsed).toBeGreaterThan(280);
  });

  it.each(['before-method', 'after-method'] as const)('a node dies %s, and no effect happens twice', async (when) => {
    const takeovers = [
      { at: 'containerWipInvoke', when },
      { at: 'restore', when, times: 2 },
      { at: 'report', when },
    ];
    const run = await simulateTask(RESTORE_CHECK, { options, takeovers, processes: { restore: { runsFor: '4 m' } } });
    expect(run).toEndWith('COMPLETED');
    expect(run.effects.map(({ times }) => times)).toEqual([1, 1, 1]);
    expect(run.steps.filter(({ note }) => note === 'took over').map(({ to }) => to)).toEqual([
      'containerWipInvoke',
      'restore',
      'report',
    ]);
  });

  it('a state that takes its nodes with it ends the task', async () => {
    const run = await simulateTask(RESTORE_CHECK, {
      options,
      takeovers: [{ at: 'restore', when: 'before-method', times: 3 }],
    });
    expect(run).toEndWith('ERROR_SYSTEM', '3 nodes in a row were lost in the state restore');
  });

  it('a task that runs too long is the system’s failure', async () => {
    const run = await simulateTask(RESTORE_CHECK, {
      options,
      maxRunTime: '10 m',
      processes: { restore: { runsFor: 'forever' } },
    });
    expect(run).toEndWith('ERROR_SYSTEM', 'longer than its maximum of 600 s');
    expect(run).toBeReleased();
  });
});

describe('a method', () => {
  it('that hangs is interrupted as by the engine, and run again until it counts as failed', async () => {
    class Hanging extends BasicWip {
      override get kind(): string {
        return 'Hanging';
      }
      override start(): Promise<void> {
        return new Promise(() => undefined);
      }
    }
    const options = BASIC_OPTIONS;
    const run = await simulateTask(
      defineWip({ kind: 'Hanging', version: 1, options, create: (task) => new Hanging(task) }),
    );
    expect(run).toEndWith('ERROR_SYSTEM', 'The state "start" did not end within 30 s.');
    expect(run.elapsed).toBe(105);
    expect(run.logs.map(({ message }) => message)).toContain(
      'The state "start" did not end within 30 s. It is run again (1 of 3).',
    );
  });

  it('may wait for something of its own', async () => {
    class Reading extends BasicWip {
      override get kind(): string {
        return 'Reading';
      }
      override async start(context: WipContext): Promise<void> {
        context.memory['read'] = (await readFile(import.meta.filename, 'utf8')).length > 0;
      }
    }
    const options = BASIC_OPTIONS;
    const run = await simulateTask(
      defineWip({ kind: 'Reading', version: 1, options, create: (task) => new Reading(task) }),
    );
    expect(run).toEndWith('COMPLETED');
    expect(run.memory).toEqual({ read: true });
  });
});

describe('a mistake in a script', () => {
  const refused = (script: object): Promise<unknown> => simulateTask(RESTORE_CHECK, { options, ...script });

  it('a process that is not started is told with those that were', async () => {
    await expect(refused({ processes: { restor: {} } })).rejects.toThrow(
      /there is no process "restor"\. Started were restore\./,
    );
  });

  it('a process of a state that the run did not come to is no mistake', async () => {
    const run = await simulateTask(RESTORE_CHECK, {
      options,
      terminate: { at: 'containerWipInvoke' },
      processes: { restore: { exitCode: 1 } },
    });
    expect(run).toEndWith('TERMINATED');
  });

  it('a strict script has to have every process', async () => {
    await expect(refused({ strict: true })).rejects.toThrow('The process "restore" (state restore) has no script');
    await expect(refused({ strict: true, processes: { restore: {} } })).resolves.toBeDefined();
  });

  it.each([
    [{ terminate: { at: 'restored' } }, /terminate\.at: "restored" can never be reached: the table has no such state/],
    [{ takeovers: [{ at: 'x' }] }, /takeovers\.0\.at: "x" can never be reached/],
    [
      { interactions: [{ fails: 'timeout' }, { fails: 'timeout', at: 'retsore' }] },
      /interactions\.1\.at: "retsore" .* no such state; perhaps "restore" is/,
    ],
    [{ containers: [{}, { end: { at: 'z', cause: 'spot' } }] }, /containers\.1\.end\.at: "z" can never be reached/],
    [{ container: { end: { at: 'y', cause: 'spot' } } }, /container\.end\.at: "y" can never be reached/],
    [{ terminate: {} }, /terminate: give either "at" \(a state\) or "after" \(a duration\)/],
    [{ container: { readyAfter: 'soon' } }, /container\.readyAfter/],
    [{ processes: { restore: { runsFor: '3 weeks' } } }, /"3 weeks" is no duration/],
    [{ deliveries: { reprot: {} } }, /deliveries: the task has none named "reprot"\. It has report/],
    [{ containr: {} }, /containr: is not known; perhaps "container" is meant/],
  ])('%j', async (script, message) => {
    await expect(refused(script)).rejects.toThrow(message);
  });
});
