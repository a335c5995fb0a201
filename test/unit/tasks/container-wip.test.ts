import { describe, expect, it } from 'vitest';
import '../../testkit/vitest.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { resultBag, type ResultBag } from '../../../controlplane/tasks/container/check-result-status.ts';
import { ContainerWip } from '../../../controlplane/tasks/container/container-wip.ts';
import { CONTAINER_OPTIONS } from '../../../controlplane/tasks/container/container-wip-options.ts';
import { reportOnNoProgress, startTracked } from '../../../controlplane/tasks/container/container-work.ts';
import type { ExitDetail, WipContext } from '../../../controlplane/tasks/context.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import type { ExitStatus } from '../../../shared/model/status.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';
import type { SimulatedRun } from '../../testkit/simulated-run.ts';
import { answersOf, containerWork } from './container-work-kind.ts';

const WORK = containerWork();

describe('launching', () => {
  it('waits for a container that has not said that it is ready', async () => {
    const run = await simulateTask(WORK, { container: { readyAfter: '2 m' } });
    expect(answersOf(run, 'containerWipInvoke').slice(0, -1)).toContain('wait');
    expect(answersOf(run, 'containerWipInvoke').at(-1)).toBe('success');
  });

  it('goes on at once when the ready signal is there', async () => {
    const run = await simulateTask(WORK, { container: { readyAfter: '25 s' } });
    expect(run.steps.find(({ to }) => to === 'containerWipContainerLaunched')?.atSeconds).toBe(25);
  });

  it('says that nothing was launched yet', async () => {
    const run = await simulateTask(containerWork({ containerWipInvoke: () => Promise.resolve() }));
    expect(answersOf(run, 'containerWipInvoke')[0]).toBe('uninitialized');
  });

  it('tells the user that it waits for room', async () => {
    const run = await simulateTask(WORK, { containers: [{ launch: 'no-resources' }, { launch: 'no-resources' }, {}] });
    const answers = answersOf(run, 'containerWipInvoke');
    expect(answers.filter((value) => value === 'no_resources')).toHaveLength(2);
    const sentence = 'The cluster has no room for the container (RESOURCE:MEMORY)';
    expect(run.logs).toContainEqual(expect.objectContaining({ level: 'WARN', message: sentence, userReadable: true }));
    expect(run.waits[0]?.because).toBe('the cluster has no room for the container (RESOURCE:MEMORY)');
  });

  it('ends with the words of a refused launch', async () => {
    const run = await simulateTask(WORK, { container: { launch: 'refused' } });
    expect(new Set(answersOf(run, 'containerWipInvoke'))).toEqual(new Set(['!']));
    expect(run.attempts).toHaveLength(1);
    expect(run.exit).toMatchObject({
      status: 'ERROR_SYSTEM',
      message: expect.stringContaining('The request is invalid'),
      cause: 'request-refused',
    });
  });

  it('forgets the words of a refused launch when the next one works', async () => {
    const run = await simulateTask(WORK, { containers: [{ launch: 'definition-missing' }, {}] });
    expect(answersOf(run, 'containerWipInvoke')[0]).toBe('fail');
    expect(run.exit).toEqual({ status: 'COMPLETED', message: '' });
  });

  it('repeats a launch of which nothing is known, however often, until the budget is over', async () => {
    const run = await simulateTask(WORK, { container: { launch: 'unavailable', launchTries: 1_000 } });
    const [first, ...others] = answersOf(run, 'containerWipInvoke');
    expect(first).toBe('no_information');
    // The row `uninitialized` may be taken three times, unless its counter is cleared.
    expect(others.filter((value) => value === 'uninitialized').length).toBeGreaterThan(20);
    expect(others.at(-1)).toBe('!');
    expect(run).toEndWith('ERROR_SYSTEM', 'The call timed out');
    expect(run.elapsed).toBeGreaterThan(900);
  });

  it('launches again after a start that died through no fault of the build, three times in all', async () => {
    const run = await simulateTask(WORK, { container: { end: { after: 2, cause: 'host-lost' } } });
    const answers = answersOf(run, 'containerWipInvoke').filter((value) => value !== 'wait');
    expect(answers).toEqual(['fail', 'fail', 'terminated']);
    expect(run.attempts).toHaveLength(3);
    expect(run.exit.detail).toContain('The machine the container ran on went away');
  });

  it('does not wait for the address of a container that has died', async () => {
    // Its agent is ready before ECS says RUNNING and tells the address.
    const run = await simulateTask(WORK, { container: { readyAfter: 5, runningAfter: '10 m', diesAfter: 20 } });
    expect(answersOf(run, 'containerWipSetupEnvironment')).toEqual(['no', 'no', 'no_information', 'terminated']);
  });

  it('gives up a container that never becomes ready', async () => {
    const run = await simulateTask(WORK, { container: { readyAfter: 'never' } });
    expect(run).toEndWith('ERROR_SYSTEM', 'not ready 900 s after its launch');
  });
});

describe('checkContainerResultStatus', () => {
  /** A second process that the task does not wait for. */
  const early = {
    prepare: async ({ agent }: WipContext) => void (await agent.startProcess('early', { command: ['early'] }, 'entry')),
  };
  const resultOf = ({ bags }: SimulatedRun): unknown =>
    Object.values((bags['work']!['resultStatus'] as ResultBag).processes)[0]?.result;
  const results = { a: 'success', b: 'fail', c: 'ssh_fail' } as const;

  it('is uninitialized without a process and a result', async () => {
    const run = await simulateTask(containerWork({ work: () => Promise.resolve() }));
    expect(answersOf(run, 'work')).toEqual(['uninitialized']);
  });

  it('takes the completion signal of its own process and of no other', async () => {
    let left = 0;
    const stop = ({ inbox }: WipContext): void => {
      left = inbox.all().filter(({ signal }) => signal.classId === CLASS_ID.processComplete).length;
    };
    const kind = containerWork({ ...early, containerWipStop: stop });
    const run = await simulateTask(kind, { processes: { early: { runsFor: 10 }, work: { runsFor: 30 } } });
    expect(run.steps.filter(({ from }) => from === 'work')).toMatchObject([
      { value: 'wait', atSeconds: 5 },
      { value: 'wait', atSeconds: 25 },
      { value: 'success', atSeconds: 35 },
    ]);
    expect(left).toBe(1);
  });

  it('asks over SSH for a process whose signal does not come, and gives it up when its agent never knew it', async () => {
    const run = await simulateTask(WORK, {
      processes: { work: { runsFor: 'forever' } },
      interactions: [{ call: 'processStatus', fails: 'PROCESS_UNKNOWN', times: 99 }],
    });
    const answers = run.steps.filter(({ from }) => from === 'work');
    expect(new Set(answers.slice(0, -1).map(({ value }) => value))).toEqual(new Set(['wait']));
    expect(answers.at(-1)?.value).toBe('fail');
    // It asks after 15 s, and believes it after 120 s more.
    expect(answers.at(-1)!.atSeconds).toBeGreaterThanOrEqual(5 + 15 + 120);
  });

  it('calls exit code 255 an SSH failure, as ssh(1) does', async () => {
    const run = await simulateTask(WORK, { processes: { work: { exitCode: 255 } } });
    expect(answersOf(run, 'work').at(-1)).toBe('ssh_fail');
  });

  it('is terminated and never fail when the agent killed the process to stop', async () => {
    const run = await simulateTask(WORK, {
      container: { end: { after: 30, cause: 'limit-disk' }, stopsWithin: '1 m' },
      processes: { work: { runsFor: 'forever' } },
      // Only the end of the process says so. The words of the agent could still come, so they are waited for.
      signals: [{ signal: 'output', lost: true }],
    });
    expect(new Set(answersOf(run, 'work'))).toEqual(new Set(['wait', 'terminated']));
    expect(run.steps.findLast(({ from }) => from === 'work')?.atSeconds).toBe(30 + 60);
  });

  it('is terminated as soon as an output signal is there, whatever else is known', async () => {
    const run = await simulateTask(containerWork(early), {
      container: { end: { after: 35, cause: 'limit-time' } },
      processes: { early: { runsFor: 'forever' }, work: { runsFor: 29 } },
      signals: [{ signal: 'processComplete', process: 'work', late: 1 }],
    });
    expect(answersOf(run, 'work').at(-1)).toBe('terminated');
    expect(resultOf(run)).toMatchObject({ exitCode: 0 });
  });

  it('waits for the last words of a container that has just ended', async () => {
    const run = await simulateTask(WORK, {
      container: { diesAfter: 33 },
      processes: { work: { runsFor: 25, exitCode: 1 } },
      signals: [{ signal: 'processComplete', late: 5 }],
    });
    expect(new Set(answersOf(run, 'work'))).toEqual(new Set(['wait', 'terminated']));
    expect(run.steps.findLast(({ from }) => from === 'work')!.atSeconds).toBeGreaterThan(35);
    expect(resultOf(run)).toMatchObject({ exitCode: 1 });
  });

  it('says no_information only where there is no better answer', async () => {
    const containerValue = ({ state }: WipContext) =>
      Promise.resolve(state === 'work' ? ('no_information' as const) : null);
    const run = await simulateTask(containerWork({ containerValue }), { processes: { work: { runsFor: 30 } } });
    const answers = answersOf(run, 'work');
    expect(new Set(answers.slice(0, -1))).toEqual(new Set(['no_information']));
    expect(answers.at(-1)).toBe('success');
  });

  it('mentions a process without progress only where the state asked for it', async () => {
    const script = { processes: { work: { runsFor: '3 m', silentAfter: 0 } } } as const;
    expect(new Set(answersOf(await simulateTask(WORK, script), 'work'))).toEqual(new Set(['wait', 'success']));
    const asking = containerWork({
      async work(context) {
        await startTracked(context, { command: ['work'], noProgressAfter: 30 });
        reportOnNoProgress(context);
      },
    });
    expect(answersOf(await simulateTask(asking, script), 'work')).toContain('no_progress');
  });

  it('lets the established order decide among several', async () => {
    const several = containerWork({
      work: ({ bag }) => {
        resultBag(bag).results = results;
      },
    });
    expect(answersOf(await simulateTask(several), 'work')).toEqual(['ssh_fail']);
    const running = containerWork({
      async work(context) {
        await startTracked(context, { command: ['work'] });
        resultBag(context.bag).results = results;
      },
    });
    expect(answersOf(await simulateTask(running), 'work')).toEqual(['wait', 'ssh_fail']);
  });
});

describe('the end of a container before its work is done', () => {
  const wip = new ContainerWip({ uuid: 'u', options: CONTAINER_OPTIONS.schema.parse({}) });
  const blocks = (terminated?: string): readonly string[] =>
    parseStateTable(wip.getContainerStartTable('work', 'failure', terminated)).states.map(({ name }) => name);

  it('has a state of its own in every table that does not name another one', () => {
    expect(blocks()).toContain('containerTerminated');
    expect(blocks('myOwnEnd')).not.toContain('containerTerminated');
  });

  it('by a limit that the user set is the error of the user, in the words of the agent', async () => {
    const run = await simulateTask(WORK, {
      container: { end: { after: 30, cause: 'limit-disk', exitLog: 'The disk limit was exceeded.' } },
      processes: { work: { runsFor: 'forever' } },
    });
    expect(run.exit).toMatchObject({
      status: 'ERROR_USER',
      message: 'The disk limit was exceeded.',
      cause: 'limit-disk',
    });
  });
});

describe('an outage of ECS while the address of a container is asked for', () => {
  it('is waited out, and told', async () => {
    const run = await simulateTask(WORK, { container: { ecsOutages: [{ from: 0, lasts: '10 m' }] } });
    expect(run.exit).toEqual({ status: 'COMPLETED', message: '' });
    const answers = answersOf(run, 'containerWipSetupEnvironment');
    expect([new Set(answers.slice(0, -1)), answers.at(-1)]).toEqual([new Set(['no_information']), 'yes']);
    expect(run.waits.filter(({ state }) => state === 'containerWipSetupEnvironment')).toContainEqual(
      expect.objectContaining({
        because: 'the address of its container is not known: ECS does not answer',
      }),
    );
  });
});

describe('releasing', () => {
  /** Stops are sent to ECS, which does not answer from the sixth second on. */
  const unstoppable = { options: { terminate_on_exit: true }, container: { ecsOutages: [{ from: 6 }] } };

  it.each([
    ['asks the agent where it was proven', {}, 'yes'],
    ['stops through ECS where it was not', { container: { readyAfter: 'never' } }, 'force'],
    ['leaves alone what was not launched', { container: { launch: 'refused' } }, 'no'],
    ['keeps the container when the task says so', { options: { release_on_exit: false } }, 'no'],
    ['stops through ECS when the task says so', { options: { terminate_on_exit: true } }, 'force'],
  ] as const)('%s', async (_what, script, value) => {
    expect(answersOf(await simulateTask(WORK, script), 'containerWipFinish')).toEqual([value]);
  });

  it('takes an agent that is stopping already for released, and elsewhere waits for its last words', async () => {
    const released = await simulateTask(WORK, { interactions: [{ call: 'shutdown', fails: 'AGENT_STOPPING' }] });
    expect(answersOf(released, 'containerWipRelease')).toEqual(['success']);
    const elsewhere = await simulateTask(WORK, {
      container: { end: { at: 'containerWipCheckSsh', cause: 'sigterm' }, stopsWithin: 10 },
      interactions: [{ call: 'health', at: 'containerWipCheckSsh', fails: 'AGENT_STOPPING', times: 9 }],
    });
    // Nobody ordered the SIGTERM in ECS, so its end is the first that ECS knows of it.
    const answers = answersOf(elsewhere, 'containerWipCheckSsh');
    expect([new Set(answers.slice(0, -1)), answers.at(-1)]).toEqual([new Set(['wait']), 'terminated']);
    const ordered = await simulateTask(WORK, {
      container: { end: { at: 'containerWipCheckSsh', cause: 'operator' }, stopsWithin: 10 },
      interactions: [{ call: 'health', at: 'containerWipCheckSsh', fails: 'AGENT_STOPPING', times: 9 }],
    });
    expect(answersOf(ordered, 'containerWipCheckSsh')).toEqual(['wait', 'terminated']);
    expect(ordered.exit.cause).toBe('stopped-by-operator');
  });

  it('says what the container used when the exit signal is there', async () => {
    const run = await simulateTask(WORK, { container: { diskGb: 0.25 } });
    expect(answersOf(run, 'containerWipWaitForRelease')).toEqual(['wait', 'success']);
    expect(run.logs.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^The container used 7 s, 0\.25 GB of disk/),
    );
  });

  it.each<[ExitDetail | null, ExitStatus, RegExp]>([
    [null, 'WARNING', /^The container of the task could not be released/],
    [
      { status: 'COMPLETED', message: 'All is well.', detail: 'so it is', cause: 'success' },
      'WARNING',
      /^All is well\. The container/,
    ],
    [{ status: 'ERROR_USER', message: 'It failed.', cause: 'build-failed' }, 'ERROR_USER', /^It failed\.$/],
    [{ status: 'TERMINATED', message: 'As requested.' }, 'TERMINATED', /^As requested\.$/],
  ])('that failed leaves %j behind as %s', async (exit, status, message) => {
    const prepare = (context: WipContext): void => {
      if (exit) context.exit(exit.status, exit.message, exit);
    };
    const run = await simulateTask(containerWork({ prepare }), unstoppable);
    expect(run).toHaveVisited('containerStopFailed');
    expect(run.exit).toMatchObject({ status, message: expect.stringMatching(message) });
    expect(run.exit.detail).toBe(exit?.detail);
  });

  it('does not wait for the exit signal of a container that is gone', async () => {
    const run = await simulateTask(WORK, { signals: [{ signal: 'exit', lost: true }] });
    expect(answersOf(run, 'containerWipWaitForRelease').at(-1)).toBe('success');
    expect(run).toTakeLessThan('30 s');
  });

  it('waits for a stop through ECS unless the task does not care', async () => {
    const waiting = await simulateTask(WORK, { options: { terminate_on_exit: true } });
    expect(answersOf(waiting, 'containerWipTerminate')).toEqual(['wait', 'success']);
    const careless = await simulateTask(WORK, { options: { terminate_on_exit: true, waitForStop: false } });
    expect(answersOf(careless, 'containerWipTerminate')).toEqual(['nowait']);
  });

  it('stops a container through ECS whose agent is frozen and cannot be asked to shut down', async () => {
    const interactions = [{ call: 'shutdown', fails: 'timeout', times: 99 }] as const;
    const run = await simulateTask(WORK, { interactions: [...interactions] });
    expect(run).toHaveVisited('containerWipTerminate');
    expect(run).not.toHaveVisited('containerStopFailed');
    expect(run.container!.stops).toHaveLength(1);
    expect(run.exit).toEqual({ status: 'COMPLETED', message: '' });
  });

  it('sends the stop again that ECS did not take, and does not fail the build for it', async () => {
    const container = { ecsOutages: [{ from: 6, lasts: 20 }] };
    const run = await simulateTask(WORK, { ...unstoppable, container });
    expect(answersOf(run, 'containerWipTerminate')).toEqual(['fail', 'fail', 'success']);
    const because = expect.stringMatching(/^its container could not be stopped, which is tried again: StopTask failed/);
    expect(run.waits.filter(({ state }) => state === 'containerWipTerminate')).toContainEqual(
      expect.objectContaining({ because }),
    );
    expect(run.logs).toContainEqual(
      expect.objectContaining({ level: 'WARN', message: expect.stringContaining('StopTask failed') }),
    );
    expect(run.exit).toEqual({ status: 'COMPLETED', message: '' });
    expect(run.container!.stops).toHaveLength(1);
  });
});

describe('the limits of a container in its launch environment', () => {
  it('are sent only when the task sets them, and never above what the service allows', async () => {
    expect((await simulateTask(WORK)).container?.limits).toEqual({});
    const options = { containerMaxTime: 600, containerMaxDisk: 2 };
    const limited = await simulateTask(WORK, { options }, { settings: { maxContainerSeconds: 60 } });
    expect(limited.container?.limits).toEqual({ maxTimeSeconds: 60, maxDiskGb: 2 });
  });
});
