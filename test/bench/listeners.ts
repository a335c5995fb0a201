import { sql, type Kysely } from 'kysely';
import type { WakeChannel } from '../../controlplane/store/create-wake-channel.ts';
import type { AttemptRow, Schema } from '../../controlplane/store/schema.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { claimTasks } from '../../controlplane/store/tasks/claim-tasks.ts';
import { saveStep } from '../../controlplane/store/tasks/save-step.ts';
import { addOf, engineDeps, runEngine } from '../kit/engine.ts';
import { eventually } from '../kit/eventually.ts';
import { launchAttempt, sendSignal } from '../kit/database/store.ts';
import { LISTENER } from './engine-kinds.ts';
import type { Lanes } from './lanes.ts';

interface Listening {
  readonly id: number;
  readonly attempt: AttemptRow;
  sequence: number;
}

export interface Listeners extends Omit<Lanes, 'next'> {
  /** Called with each task that a signal has woken, like the notification by a node's HTTP side. */
  onWoken: WakeChannel['notify'];
  laneOf(task: number): number;
}

const SIGNAL_WAIT_SECONDS = 3_600;

/** Makes tasks that wait for signals. Each gets a container attempt, because a signal belongs to one. */
export async function makeListeners(db: Kysely<Schema>, count: number): Promise<Listeners> {
  await setGroup(db, { name: 'Listener', maxRunning: 1_000_000 });
  for (let n = 0; n < count; n += 1) await addOf(db, 'Listener');
  const engine = runEngine(engineDeps(db, [LISTENER]));
  await eventually('all listeners to wait', async () => {
    const { rows } = await sql<{ count: number }>`SELECT count(*)::int AS count FROM task WHERE status = 1`.execute(db);
    return rows[0]?.count === count;
  });
  await engine.stop();
  const listening = await giveAttempts(db, count);
  const laneOf = new Map(listening.map(({ id }, lane) => [id, lane]));
  const listeners: Listeners = {
    count,
    onWoken: () => undefined,
    laneOf: (task) => laneOf.get(task) ?? NaN,
    async send(lane) {
      const one = listening[lane]!;
      const outcome = await sendSignal(db, one.attempt, (one.sequence += 1));
      if (outcome.kind === 'recorded' && outcome.hasWoken) listeners.onWoken(outcome.taskId);
    },
  };
  return listeners;
}

async function giveAttempts(db: Kysely<Schema>, count: number): Promise<Listening[]> {
  await sql`UPDATE task SET wake_at = now()`.execute(db);
  const claim = { node: 'bench', limit: count, leaseSeconds: 30, kinds: [{ kind: 'Listener', classVersion: '1' }] };
  const listening: Listening[] = [];
  for (const task of (await claimTasks(db, claim)).tasks) {
    listening.push({ id: task.id, attempt: await launchAttempt(db, task), sequence: 0 });
    await saveStep(db, task, { next: { kind: 'wait', seconds: SIGNAL_WAIT_SECONDS, isCutBySignals: true } });
  }
  return listening;
}

/** Adds rows like those of started tasks that wait until tomorrow. */
export async function addSleepers(db: Kysely<Schema>, count: number): Promise<void> {
  await sql`
    INSERT INTO task (uuid, work_id, kind, class_version, title, group_name, priority, options, status, slot, wake_at, started_at)
    SELECT gen_random_uuid(), 'sleeper ' || gen_random_uuid(), 'Listener', '1', 'A sleeper', 'Listener', 2, '{}', 1, 'own',
      now() + interval '1 day', now()
    FROM generate_series(1, ${count})`.execute(db);
  await sql`ANALYZE`.execute(db);
}
