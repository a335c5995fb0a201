import { describe, expect, it } from 'vitest';
import { AttemptsAnswer, EventsAnswer, TaskUsageAnswer } from '../../../controlplane/api/tasks/task-detail-views.ts';
import type { NewStep } from '../../../controlplane/store/schema.ts';
import { appendAudit } from '../../../controlplane/store/settings/audit.ts';
import { beginStep } from '../../../controlplane/store/tasks/begin-step.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { createTaskDetailService } from '../../../controlplane/api/tasks/task-detail-service.ts';
import { useTestDatabases } from '../../kit/database.ts';
import { appendUsageSample, launchAttempt, sendSignal, startedTask } from '../../kit/store.ts';
import { newUsage } from '../../kit/usage.ts';

const databases = useTestDatabases();

function step(from: string | null, value: string | null, to: string): NewStep {
  return {
    entry: 1,
    fromState: from,
    value,
    state: to,
    executed: true,
    timer: null,
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
    const attempts = await createTaskDetailService(db).listAttempts(task.id);
    expect(AttemptsAnswer.parse({ attempts })).toMatchObject({
      attempts: [{ number: 1, uuid, launchedAt: null, agentVersion: null, ecsWitness: null }],
    });
    expect(JSON.stringify(attempts)).not.toMatch(/sealed|secretHash|callbackId/i);
  });

  it('are the samples of its usage after an instant, the oldest first', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    for (const second of [3, 1, 2]) {
      const at = new Date(second * 1000);
      await appendUsageSample(db, attempt, { at, usage: newUsage({ wallSeconds: second }), progress: second });
    }
    const { listUsageSamples } = createTaskDetailService(db);
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
    const { events } = EventsAnswer.parse({ events: await createTaskDetailService(db).listEvents(task.id) });
    expect(events).toMatchObject([
      { kind: 'signal', signal: 'ready', sequence: 1, usedAt: expect.any(String), consumedAt: expect.any(String) },
      { kind: 'request', action: 'pause', by: 'ann' },
      { kind: 'signal', signal: 'exit', sequence: 2, usedAt: expect.any(String), consumedAt: null },
    ]);
  });

  it('are the script of the last run only: a restart begins anew', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const { readSimulationScript } = createTaskDetailService(db);
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
