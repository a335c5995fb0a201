import { describe, expect, it } from 'vitest';
import { AttemptsAnswer, EventsAnswer, TaskUsageAnswer } from '../../../controlplane/api/tasks/task-detail-views.ts';
import { markLaunched, markStopped, markWitnessed } from '../../../controlplane/store/attempts/mark-attempt.ts';
import type { RecordedRow } from '../../../controlplane/store/tasks/save-step.ts';
import { appendAudit } from '../../../controlplane/store/settings/audit.ts';
import { beginStep } from '../../../controlplane/store/tasks/begin-step.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { createTaskDetailService } from '../../../controlplane/api/tasks/task-detail-service.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { appendUsageSample, launchAttempt, sendSignal, startedTask } from '../../kit/database/store.ts';
import { newUsage } from '../../kit/usage.ts';

const databases = useTestDatabases();

function step(from: string | null, value: string | null, to: string): RecordedRow {
  return {
    entry: 1,
    fromState: from,
    value,
    state: to,
    executed: true,
    timer: null,
    agoMs: 1,
    tookMs: 1,
    waitSeconds: 0,
    note: null,
  };
}

describe('the details of a task', () => {
  it('are its attempts, as the API shows them', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const { uuid } = await launchAttempt(db, task);
    const attempts = await createTaskDetailService(db, 30).listAttempts(task.id);
    expect(AttemptsAnswer.parse({ attempts })).toMatchObject({
      attempts: [{ number: 1, uuid, launchedAt: null, agentVersion: null, ecsWitness: null }],
    });
    expect(JSON.stringify(attempts)).not.toMatch(/sealed|secretHash|callbackId/i);
  });

  it('say that ECS has not accepted the stop of a container', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const { id } = await launchAttempt(db, task);
    await markLaunched(db, id, 'arn');
    const at = '2026-01-01T00:00:00.000Z';
    const stopFailure = { since: at, at, sentence: 'StopTask failed: Rate exceeded.' };
    const look = { kind: 'missing', at } as const;
    await markWitnessed(db, id, { ecs: { look, seenAt: null, stoppedAt: null, stopFailure } });
    expect(await createTaskDetailService(db, 30).listAttempts(task.id)).toMatchObject([{ stopFailure }]);
  });

  it('say what the witnesses prove of each container at this moment', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const { listAttempts } = createTaskDetailService(db, 30);
    const exitOfLimit = { classId: CLASS_ID.exit, time: 5, disk: 1, initial_disk: 0, cause: 'limit-disk' };
    const verdict = async () => (await listAttempts(task.id)).at(-1)?.verdict;
    const attempt = await launchAttempt(db, task);
    expect(await verdict()).toBeNull();
    await markLaunched(db, attempt.id, 'arn');
    // Nobody has said anything yet.
    expect(await verdict()).toBe('no_information');
    await sendSignal(db, attempt, 1);
    expect(await verdict()).toBe('ready');
    await sendSignal(db, attempt, 2, { kind: 'exit', body: exitOfLimit });
    expect(await verdict()).toBe('terminated');
    await markStopped(db, attempt.id, 'stopped');
    expect(await verdict()).toBe('terminated');
    const provenAt = '2026-01-01T00:00:01.000Z';
    await markWitnessed(db, attempt.id, { ssh: { provenAt, failure: null } });
    expect(await listAttempts(task.id)).toMatchObject([{ sshProvenAt: provenAt, ecsSeenAt: null }]);
    // Another attempt has no part in the words of this one.
    const next = await launchAttempt(db, task, 2);
    await markLaunched(db, next.id, 'arn-2');
    expect(await verdict()).toBe('no_information');
  });

  it('are the samples of its usage after an instant, the oldest first', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    for (const second of [3, 1, 2]) {
      const at = new Date(second * 1000);
      await appendUsageSample(db, attempt, { at, usage: newUsage({ wallSeconds: second }), progress: second });
    }
    const { listUsageSamples } = createTaskDetailService(db, 30);
    const all = await listUsageSamples(task.id, { since: null, limit: 10 });
    expect(TaskUsageAnswer.parse({ total: null, samples: all }).samples.map(({ progress }) => progress)).toEqual([
      1, 2, 3,
    ]);
    const later = await listUsageSamples(task.id, { since: new Date(1000), limit: 1 });
    expect(later).toMatchObject([{ attempt: 1, at: '1970-01-01T00:00:02.000Z', usage: { wallSeconds: 2 } }]);
  });

  it('are signals and requests in the order in which they came', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await sendSignal(db, attempt, 1);
    await appendAudit(db, { actor: 'ann', action: 'pause', subject: `task/${task.id}` });
    await appendAudit(db, { actor: 'ann', action: 'pause', subject: `task/${task.id}0` });
    await sendSignal(db, attempt, 2, { kind: 'exit' });
    const inbox = (await beginStep(db, task))!.inbox;
    await saveStep(db, task, { consumed: [inbox[0]!.id], next: { kind: 'yield' } });
    const { events } = EventsAnswer.parse({ events: await createTaskDetailService(db, 30).listEvents(task.id) });
    expect(events).toMatchObject([
      { kind: 'signal', signal: 'ready', sequence: 1, usedAt: expect.any(String), consumedAt: expect.any(String) },
      { kind: 'request', action: 'pause', by: 'ann' },
      { kind: 'signal', signal: 'exit', sequence: 2, usedAt: expect.any(String), consumedAt: null },
    ]);
  });

  it('are the script of the last run only: a restart begins anew', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const { readSimulationScript } = createTaskDetailService(db, 30);
    expect(await readSimulationScript(task.id)).toBe('');
    const steps = [step(null, null, 'start'), step('start', 'old', 'finish'), step(null, null, 'start')];
    await saveStep(db, task, {
      steps: [...steps, step('start', 'new', 'finish')],
      next: { kind: 'entering', state: 'work' },
    });
    const script = await readSimulationScript(task.id);
    expect([script.includes('new'), script.includes('old')]).toEqual([true, false]);
  });
});
