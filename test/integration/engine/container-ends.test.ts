import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskView } from '../../../controlplane/api/tasks/task-views.ts';
import { taskText } from '../../../controlplane/cli/output/task-text.ts';
import { findServer, type DatabaseServer } from '../../kit/database/database-server.ts';
import { DUMP_CHECK } from '../../kit/kinds/dump-check.ts';
import type { AgentScript } from '../../testkit/agent/agent-script.ts';
import { startWip } from '../../testkit/start-wip.ts';
import type { StartedWip } from '../../testkit/started-wip.ts';
import type { FaultOfContainer } from '../../testkit/system/local-faults.ts';

/** The way of one container to its end, from the fault to the words that people read. */
interface Ending {
  readonly cause: string;
  readonly status: 'ERROR_USER' | 'ERROR_SYSTEM';
  readonly fault: TaskView['fault'];
  readonly why: RegExp;
  readonly evidence: string;
}

// Waits and silences of minutes pass in seconds.
const SPEED = 30;

describe('a container that ends before its work is done', () => {
  let server: DatabaseServer;
  let wip: StartedWip;
  let dumps = 0;
  beforeAll(async () => {
    server = await findServer();
    wip = await startWip({
      kinds: [DUMP_CHECK],
      databaseUrl: server.url,
      speed: SPEED,
      script: { processes: { read: { runsFor: 'forever' } } },
    });
  });
  afterAll(async () => {
    await wip.close();
    await server.close([]);
  });

  // Tasks with one dump would wait for each other.
  async function newTask(script?: AgentScript): Promise<number> {
    const task = await wip.addTask(DUMP_CHECK, { dump: `/dumps/${++dumps}` }, { ...(script && { script }) });
    return task.id;
  }

  function expectEnd(task: TaskView, { cause, status, fault, why, evidence }: Ending): void {
    expect({ cause: task.cause, status: task.exitStatus, fault: task.fault }).toEqual({ cause, status, fault });
    expect(task.why).toMatch(why);
    expect(task.evidence).toContain(evidence);
    const attempt = task.attempts.at(-1)!;
    expect({ cause: attempt.cause, fault: attempt.fault }).toEqual({ cause, fault });
    expect(attempt.evidence).toEqual(task.evidence);
    const shown = taskText(
      { task, queue: null },
      { now: new Date(0), columns: undefined, paint: (_style, text) => text },
    );
    expect(shown).toContain(`cause ${cause}`);
    expect(shown).toContain(evidence);
  }

  it.each<[string, (task: number) => FaultOfContainer, Ending]>([
    [
      'its Spot capacity is taken back',
      (task) => ({ kind: 'interrupt', task, stopCode: 'SpotInterruption', reason: 'Your Spot Task was interrupted.' }),
      {
        cause: 'spot-interruption',
        status: 'ERROR_SYSTEM',
        fault: 'spot',
        why: /AWS took back the Spot capacity the container ran on\. Run the build again/,
        evidence: 'ECS stop code: SpotInterruption',
      },
    ],
    [
      'its machine is terminated',
      (task) => ({
        kind: 'interrupt',
        task,
        stopCode: 'TerminationNotice',
        reason: 'Host EC2 (instance i-0123456789abcdef0) terminated.',
      }),
      {
        cause: 'host-lost',
        status: 'ERROR_SYSTEM',
        fault: 'system',
        why: /The machine the container ran on went away \(Host EC2 \(instance i-0123456789abcdef0\) terminated\)\./,
        evidence: 'agent: sigterm',
      },
    ],
    [
      'an operator stops it',
      (task) => ({ kind: 'interrupt', task, stopCode: 'UserInitiated', reason: 'Task stopped by user' }),
      {
        cause: 'stopped-by-operator',
        status: 'ERROR_SYSTEM',
        fault: 'system',
        why: /Somebody stopped the container in ECS \(Task stopped by user\)\./,
        evidence: 'ECS reason: Task stopped by user',
      },
    ],
    [
      'AWS maintains its machine',
      (task) => ({
        kind: 'interrupt',
        task,
        stopCode: 'ServiceSchedulerInitiated',
        reason: 'ECS is performing maintenance on the underlying infrastructure hosting the task',
      }),
      {
        cause: 'host-maintenance',
        status: 'ERROR_SYSTEM',
        fault: 'system',
        why: /AWS stopped the container for maintenance of its machine\./,
        evidence: 'ECS stop code: ServiceSchedulerInitiated',
      },
    ],
    [
      'its memory is used up',
      (task) => ({ kind: 'crash', task, reason: 'OutOfMemoryError: Container killed due to memory usage' }),
      {
        cause: 'out-of-memory',
        status: 'ERROR_USER',
        fault: 'user',
        why: /The container needed more memory than its limit of 4\.\d+ GB and was killed/,
        evidence: 'container: OutOfMemoryError: Container killed due to memory usage',
      },
    ],
    [
      'something kills it without a word',
      (task) => ({ kind: 'crash', task }),
      {
        cause: 'killed',
        status: 'ERROR_SYSTEM',
        fault: 'system',
        why: /^The container terminated unexpectedly\. The container was killed \(exit code 137\)/,
        evidence: 'exit code: 137',
      },
    ],
  ])('says why when %s', async (_what, faultOf, ending) => {
    const id = await newTask();
    await wip.until(id, { state: 'read' });
    await wip.localEcs.inject(faultOf(id));
    expectEnd(await wip.until(id), ending);
  });

  it('says that ECS does not know the exit code, and takes it for no success', async () => {
    const id = await newTask();
    await wip.until(id, { state: 'read' });
    await wip.localEcs.inject({ kind: 'no-exit-code', times: 1 });
    await wip.localEcs.inject({ kind: 'crash', task: id });
    expectEnd(await wip.until(id), {
      cause: 'exit-code-unknown',
      status: 'ERROR_SYSTEM',
      fault: 'system',
      why: /The container ended and ECS does not know its exit code\./,
      evidence: 'exit code: unknown',
    });
  });

  it.each<[string, Ending]>([
    [
      'CannotPullContainerError: Error response from daemon: manifest for build:9 not found: manifest unknown',
      {
        cause: 'image-not-found',
        status: 'ERROR_SYSTEM',
        fault: 'configuration',
        why: /^The image does not exist in its registry\. Correct the image/,
        evidence: 'ECS stop code: TaskFailedToStart',
      },
    ],
    [
      'ResourceInitializationError: unable to retrieve secrets from ssm: AccessDeniedException: not authorized to perform: ssm:GetParameters',
      {
        cause: 'secret-access-denied',
        status: 'ERROR_SYSTEM',
        fault: 'configuration',
        why: /^The execution role of the task may not read a secret or parameter/,
        evidence: 'it never ran',
      },
    ],
  ])('is told at once when it cannot start, and not launched again: %s', async (reason, ending) => {
    await wip.localEcs.inject({ kind: 'start-error', reason, times: 1 });
    const task = await wip.until(await newTask());
    expectEnd(task, ending);
    expect(task.attempts).toHaveLength(1);
    // Nobody is left who could send last words: the state is left by the end itself, and not by a wait.
    const steps = await wip.client.readSteps(task.id);
    expect(steps.filter(({ from }) => from === 'containerWipInvoke').at(-1)?.value).toBe('terminated');
  });

  it('is told why it was never launched, beside the attempt as well', async () => {
    await wip.localEcs.inject({ kind: 'no-placement', reason: 'ATTRIBUTE', times: 1 });
    const task = await wip.until(await newTask());
    expectEnd(task, {
      cause: 'placement-impossible',
      status: 'ERROR_SYSTEM',
      fault: 'configuration',
      why: /^No machine of the cluster fits the task definition/,
      evidence: 'RunTask failure: ATTRIBUTE',
    });
    expect(task.attempts).toMatchObject([{ state: 'void' }]);
  });

  it('is launched again after a pause when ECS had accepted it and found no room', async () => {
    const reason = 'Timeout waiting for capacity to be provisioned.';
    await wip.localEcs.inject({ kind: 'provisioning-expires', reason, times: 2 });
    const id = await newTask({ processes: { read: { runsFor: '1 s' } } });
    const waiting = await wip.until(id, ({ waitsBecause }) => /no room/.test(waitsBecause ?? ''));
    expect(waiting.waitsBecause).toContain('Timeout waiting for capacity to be provisioned');
    const task = await wip.until(id, 'end', '30 m');
    expect(task.exitStatus).toBe('COMPLETED');
    expect(task.attempts.map(({ cause, fault }) => [cause, fault])).toEqual([
      ['no-capacity', 'capacity'],
      ['no-capacity', 'capacity'],
      ['released', null],
    ]);
  });

  it('is launched again when its start failed for a reason that passes', async () => {
    const reason = 'Timeout waiting for EphemeralStorage provisioning to complete.';
    await wip.localEcs.inject({ kind: 'provisioning-expires', reason, times: 1 });
    const task = await wip.until(await newTask({ processes: { read: { runsFor: '1 s' } } }));
    expect(task.exitStatus).toBe('COMPLETED');
    expect(task.attempts.map(({ cause, fault }) => [cause, fault])).toEqual([
      ['storage-provisioning', 'capacity'],
      ['released', null],
    ]);
  });

  it.each([
    ['limit-disk', 'ERROR_USER', 'user', /^The disk limit was exceeded: /],
    ['limit-time', 'ERROR_USER', 'user', /^The time limit was exceeded: /],
    ['host-disk-pressure', 'ERROR_SYSTEM', 'capacity', /^The disk of the machine is nearly full: /],
    ['spot', 'ERROR_SYSTEM', 'spot', /^The container was stopped because its Spot instance is being taken back\./],
    ['internal', 'ERROR_SYSTEM', 'system', /^The container agent failed: /],
  ] as const)('is explained by its agent alone: %s', async (cause, status, fault, why) => {
    const task = await wip.until(
      await newTask({
        // Three seconds of this machine: long enough for a busy one to have begun the work.
        container: { end: { after: '90 s', cause } },
        processes: { read: { runsFor: 'forever' } },
      }),
    );
    expectEnd(task, { cause, status, fault, why, evidence: `agent: ${cause}` });
  });

  it('was released, and nobody is to blame, when its work was done', async () => {
    const task = await wip.until(await newTask({ processes: { read: { runsFor: '1 s' } } }));
    expect(task).toMatchObject({ exitStatus: 'COMPLETED', fault: null, remedy: null, evidence: [] });
    expect(task.attempts).toMatchObject([
      { cause: 'released', fault: null, sentence: 'The task was through with the container and released it.' },
    ]);
  });

  it('is counted by fault and cause', async () => {
    const text = await (await fetch(`${wip.url}/metrics`)).text();
    expect(text).toMatch(/^wip_task_faults\{group="DumpCheck",fault="spot",cause="spot-interruption"\} 1$/m);
    expect(text).toMatch(/^wip_task_faults\{group="DumpCheck",fault="user",cause="out-of-memory"\} 1$/m);
  });
});
