import { beforeEach, describe, expect, it } from 'vitest';
import { OperationalError } from '../../../shared/model/error.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { resultBag, trackProcess } from '../../../controlplane/tasks/check-result-status.ts';
import {
  CONTAINER_OPTIONS,
  ContainerWip,
  type ContainerWipOptions,
} from '../../../controlplane/tasks/container-wip.ts';
import { CLASS_ID, type ExitSignal, type OutputSignal, type ReadySignal } from '../../../shared/protocol/signals.ts';
import { exited, FakeContext, processStatus } from '../../kit/wip-context.ts';

const READY: ReadySignal = { classId: CLASS_ID.ready, pid: 1, startTime: 0 };
const EXIT: ExitSignal = { classId: CLASS_ID.exit, time: 3, disk: 0.25, initial_disk: 1.7 };
const OUTPUT: OutputSignal = { classId: CLASS_ID.output, exitLog: 'The disk is full.', log: '' };
const ATTEMPT = { number: 1, ready: null, output: null, exit: null, verified: false };

let context: FakeContext;
let wip: ContainerWip;

function wipWith(options: Partial<ContainerWipOptions> = {}): ContainerWip {
  return new ContainerWip({ uuid: 'u', options: { ...CONTAINER_OPTIONS.schema.parse({}), ...options } });
}

beforeEach(() => {
  context = new FakeContext();
  wip = wipWith();
});

describe('launching', () => {
  async function launched(): Promise<void> {
    context.state = 'containerWipInvoke';
    await wip.containerWipInvoke(context);
  }

  it('waits for a container that has not said that it is ready', async () => {
    await launched();
    context.attempt = ATTEMPT;
    context.view = { ...context.view, verdict: 'starting' };
    expect(await wip.containerWipWaitForLaunch(context)).toBe('wait');
  });

  it('goes on at once when the ready signal is there', async () => {
    await launched();
    context.attempt = { ...ATTEMPT, ready: READY };
    expect(await wip.containerWipWaitForLaunch(context)).toBe('success');
  });

  it('says that nothing was launched yet', async () => {
    context.state = 'containerWipInvoke';
    expect(await wip.containerWipWaitForLaunch(context)).toBe('uninitialized');
  });

  it('tells the user that it waits for room', async () => {
    context.scripted.outcome = { kind: 'no_resources', cause: 'no-capacity', sentence: 'The cluster is full' };
    await launched();
    expect(await wip.containerWipWaitForLaunch(context)).toBe('no_resources');
    expect(context.logs).toContainEqual({ level: 'WARN', message: 'The cluster is full', userReadable: true });
    expect(context.waiting).toBe('the cluster is full');
  });

  it('ends with the words of a refused launch', async () => {
    context.scripted.outcome = {
      kind: 'refused',
      cause: 'image-not-found',
      sentence: 'No such image',
      remedy: 'Push it',
    };
    await launched();
    expect(await wip.containerWipWaitForLaunch(context)).toBe('fail');
    expect(context.exited).toMatchObject({
      status: 'ERROR_SYSTEM',
      message: 'No such image',
      cause: 'image-not-found',
    });
  });

  it('forgets the words of a refused launch when the next one works', async () => {
    context.scripted.outcome = {
      kind: 'refused',
      cause: 'definition-missing',
      sentence: 'No such revision',
      remedy: 'Wait',
    };
    await launched();
    await wip.containerWipWaitForLaunch(context);
    context.scripted.outcome = { kind: 'launched', arn: 'arn' };
    await launched();
    expect(context.exited).toMatchObject({ status: 'NOT_FINISHED', message: '' });
  });

  it('repeats a launch of which nothing is known, however often, until the budget is over', async () => {
    context.scripted.outcome = { kind: 'no_information', cause: 'access-denied', sentence: 'ECS says no' };
    await launched();
    expect(await wip.containerWipWaitForLaunch(context)).toBe('no_information');
    context.passSeconds(30);
    expect(await wip.containerWipWaitForLaunch(context)).toBe('uninitialized');
    expect(context.cleared).toEqual(['containerWipInvoke uninitialized']);
    context.passSeconds(900);
    await expect(wip.containerWipWaitForLaunch(context)).rejects.toThrow('ECS says no');
  });

  it('launches again after a start that died through no fault of the build, three times in all', async () => {
    await launched();
    context.view = { verdict: 'terminated', sentence: 'The host was lost.', cause: 'host-lost', retry: 'launch-again' };
    context.attempt = ATTEMPT;
    expect(await wip.containerWipWaitForLaunch(context)).toBe('fail');
    context.attempt = { ...ATTEMPT, number: 3 };
    expect(await wip.containerWipWaitForLaunch(context)).toBe('terminated');
    await wip.containerTerminated(context);
    expect(context.exited?.detail).toContain('The host was lost.');
  });

  it('does not wait for the address of a container that has died', async () => {
    context.state = 'containerWipSetupEnvironment';
    context.attempt = { ...ATTEMPT, ready: READY };
    context.scripted.place = null;
    await wip.containerWipSetupEnvironment(context);
    expect(await wip.containerWipEnvironmentReady(context)).toBe('no');
    context.view = { ...context.view, verdict: 'last_words' };
    expect(await wip.containerWipEnvironmentReady(context)).toBe('no_information');
    context.view = { ...context.view, verdict: 'terminated' };
    expect(await wip.containerWipEnvironmentReady(context)).toBe('terminated');
  });

  it('gives up a container that never becomes ready', async () => {
    await launched();
    context.attempt = ATTEMPT;
    context.passSeconds(901);
    await expect(wip.containerWipWaitForLaunch(context)).rejects.toThrow('not ready 900 s after its launch');
  });
});

describe('checkContainerResultStatus', () => {
  beforeEach(() => {
    context.state = 'work';
    context.attempt = { ...ATTEMPT, ready: READY, verified: true };
  });

  it('is uninitialized without a process and a result', async () => {
    expect(await wip.checkContainerResultStatus(context)).toBe('uninitialized');
  });

  it('takes the completion signal of its own process and of no other', async () => {
    trackProcess(context.bag, processStatus(), context.now);
    const result = { exitCode: 0, signal: null, reason: 'exited' as const, endTime: 1 };
    const bytes = { stdout: 0, stderr: 0 };
    const complete = { classId: CLASS_ID.processComplete, pid: 7, startTime: 0, result, bytes, omitted: bytes };
    context.receive({ ...complete, processId: 'somebody else' });
    expect(await wip.checkContainerResultStatus(context)).toBe('wait');
    context.receive({ ...complete, processId: 'p1' });
    expect(await wip.checkContainerResultStatus(context)).toBe('success');
    expect(context.inbox.all()).toHaveLength(1);
  });

  it('asks over SSH for a process whose signal does not come, and gives it up when its agent never knew it', async () => {
    trackProcess(context.bag, processStatus(), context.now);
    context.passSeconds(16);
    context.answers.status = { kind: 'agent-refused', code: 'PROCESS_UNKNOWN', message: 'no such process' };
    expect(await wip.checkContainerResultStatus(context)).toBe('wait');
    context.passSeconds(121);
    expect(await wip.checkContainerResultStatus(context)).toBe('fail');
  });

  it('calls exit code 255 an SSH failure, as ssh(1) does', async () => {
    trackProcess(context.bag, exited(255), context.now);
    expect(await wip.checkContainerResultStatus(context)).toBe('ssh_fail');
  });

  it('is terminated and never fail when the agent killed the process to stop', async () => {
    trackProcess(context.bag, exited(null, 'limit-disk'), context.now);
    expect(await wip.checkContainerResultStatus(context)).toBe('terminated');
  });

  it('is terminated as soon as an output signal is there, whatever else is known', async () => {
    trackProcess(context.bag, exited(0), context.now);
    context.attempt = { ...ATTEMPT, output: OUTPUT };
    expect(await wip.checkContainerResultStatus(context)).toBe('terminated');
  });

  it('waits for the last words of a container that has just ended', async () => {
    trackProcess(context.bag, exited(1), context.now);
    context.view = { ...context.view, verdict: 'last_words' };
    expect(await wip.checkContainerResultStatus(context)).toBe('wait');
  });

  it('says no_information only where there is no better answer', async () => {
    context.view = { ...context.view, verdict: 'no_information' };
    trackProcess(context.bag, processStatus(), context.now);
    expect(await wip.checkContainerResultStatus(context)).toBe('no_information');
    trackProcess(context.bag, exited(0), context.now);
    expect(await wip.checkContainerResultStatus(context)).toBe('success');
  });

  it('mentions a process without progress only where the state asked for it', async () => {
    trackProcess(context.bag, processStatus({ noProgress: true }), context.now);
    expect(await wip.checkContainerResultStatus(context)).toBe('wait');
    resultBag(context.bag).reportOnNoProgress = true;
    expect(await wip.checkContainerResultStatus(context)).toBe('no_progress');
  });

  it('lets the established order decide among several', async () => {
    const part = resultBag(context.bag);
    part.results = { a: 'success', b: 'fail', c: 'ssh_fail' };
    expect(await wip.checkContainerResultStatus(context)).toBe('ssh_fail');
    trackProcess(context.bag, processStatus(), context.now);
    expect(await wip.checkContainerResultStatus(context)).toBe('wait');
  });
});

describe('the end of a container before its work is done', () => {
  const blocks = (terminated?: string): readonly string[] =>
    parseStateTable(wip.getContainerStartTable('work', 'failure', terminated)).states.map(({ name }) => name);

  it('has a state of its own in every table that does not name another one', () => {
    expect(blocks()).toContain('containerTerminated');
    expect(blocks('myOwnEnd')).not.toContain('containerTerminated');
  });

  it('by a limit that the user set is the error of the user, in the words of the agent', async () => {
    const output = { ...OUTPUT, exitLog: 'The disk limit was exceeded.', cause: 'limit-disk' as const };
    context.attempt = { ...ATTEMPT, output };
    await wip.containerTerminated(context);
    expect(context.exited).toMatchObject({
      status: 'ERROR_USER',
      message: 'The disk limit was exceeded.',
      cause: 'limit-disk',
    });
  });
});

describe('releasing', () => {
  it('asks the agent where it was proven, stops through ECS where it was not, and leaves alone what was not launched', () => {
    context.attempt = { ...ATTEMPT, verified: true };
    expect(wip.containerWipReleaseOnComplete(context)).toBe('yes');
    context.attempt = ATTEMPT;
    expect(wip.containerWipReleaseOnComplete(context)).toBe('force');
    context.hasContainer = false;
    expect(wip.containerWipReleaseOnComplete(context)).toBe('no');
  });

  it('keeps the container when the task says so', () => {
    context.attempt = { ...ATTEMPT, verified: true };
    expect(wipWith({ release_on_exit: false }).containerWipReleaseOnComplete(context)).toBe('no');
    expect(wipWith({ terminate_on_exit: true }).containerWipReleaseOnComplete(context)).toBe('force');
  });

  it('takes an agent that is stopping already for released, and elsewhere waits for its last words', async () => {
    const stopping = { kind: 'agent-refused', code: 'AGENT_STOPPING', message: 'The container is stopping.' } as const;
    context.state = 'containerWipRelease';
    context.attempt = { ...ATTEMPT, verified: true };
    context.answers.shutdown = stopping;
    await wip.containerWipRelease(context);
    expect(await wip.checkContainerResultStatus(context)).toBe('success');
    context.state = 'containerWipCheckSsh';
    context.answers.health = stopping;
    await wip.containerWipCheckSsh(context);
    expect(await wip.checkContainerResultStatus(context)).toBe('wait');
    context.attempt = { ...ATTEMPT, exit: EXIT };
    expect(await wip.checkContainerResultStatus(context)).toBe('terminated');
  });

  it('says what the container used when the exit signal is there', async () => {
    context.attempt = ATTEMPT;
    expect(await wip.containerWipDataSignalReceived(context)).toBe('wait');
    context.attempt = { ...ATTEMPT, exit: EXIT };
    expect(await wip.containerWipDataSignalReceived(context)).toBe('success');
    expect(context.logs.at(-1)?.message).toBe('The container used 3 s and 0.25 GB of disk.');
  });

  it.each([
    [null, 'WARNING', /^The container of the task could not be released/],
    [
      { status: 'COMPLETED', message: 'All is well.', detail: 'so it is', cause: 'success' },
      'WARNING',
      /^All is well\. The container/,
    ],
    [{ status: 'ERROR_USER', message: 'It failed.', cause: 'build-failed' }, 'ERROR_USER', /^It failed\.$/],
    [{ status: 'TERMINATED', message: 'As requested.' }, 'TERMINATED', /^As requested\.$/],
  ] as const)('that failed leaves %j behind as %s', (exited, status, message) => {
    context.exited = exited;
    wip.containerStopFailed(context);
    expect(context.exited).toMatchObject({ status, message: expect.stringMatching(message) });
    expect(context.exited?.detail).toBe(exited && 'detail' in exited ? exited.detail : undefined);
  });

  it('does not wait for the exit signal of a container that is gone', async () => {
    context.attempt = ATTEMPT;
    context.view = { verdict: 'terminated', sentence: 'Gone.', cause: 'killed', retry: 'never' };
    expect(await wip.containerWipDataSignalReceived(context)).toBe('success');
  });

  it('waits for a stop through ECS unless the task does not care', async () => {
    expect(await wip.containerWipIsReleased(context)).toBe('wait');
    context.scripted.isStopped = true;
    expect(await wip.containerWipIsReleased(context)).toBe('success');
    expect(await wipWith({ waitForStop: false }).containerWipIsReleased(context)).toBe('nowait');
  });

  it('sends the stop again that ECS did not take, and does not fail the build for it', async () => {
    context.state = 'containerWipTerminate';
    context.scripted.kill = () =>
      Promise.reject(new OperationalError('ECS_UNAVAILABLE', { happened: 'StopTask failed', remedy: 'Wait' }));
    await wip.containerWipTerminate(context);
    expect(await wip.containerWipIsReleased(context)).toBe('fail');
    expect(context.logs.at(-1)).toMatchObject({ level: 'WARN', message: expect.stringContaining('StopTask failed') });
    context.scripted.kill = () => Promise.resolve();
    context.scripted.isStopped = true;
    await wip.containerWipTerminate(context);
    expect(await wip.containerWipIsReleased(context)).toBe('success');
    expect(context.exited).toBeNull();
  });
});

describe('the limits of a container in its launch environment', () => {
  it('are sent only when the task sets them, and never above what the service allows', async () => {
    context.state = 'containerWipInvoke';
    await wip.containerWipInvoke(context);
    context.settings = { ...context.settings, maxContainerSeconds: 60 };
    await wipWith({ containerMaxTime: 600, containerMaxDisk: 2 }).containerWipInvoke(context);
    expect(context.limits).toEqual([{}, { maxTimeSeconds: 60, maxDiskGb: 2 }]);
  });
});
