import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sql, type Kysely } from 'kysely';
import { enrolAttempt, type Enrolment } from '../../../controlplane/store/attempts/enrol-attempt.ts';
import { attemptsToReconcile, findAttempt, listAttempts } from '../../../controlplane/store/attempts/find-attempt.ts';
import { intendLaunch } from '../../../controlplane/store/attempts/intend-launch.ts';
import {
  markLaunched,
  markStopped,
  markVerified,
  markVoid,
  markWitnessed,
  wakeTaskOfAttempt,
} from '../../../controlplane/store/attempts/mark-attempt.ts';
import { restartTask } from '../../../controlplane/store/control/control-task.ts';
import type { AttemptRow, Schema } from '../../../controlplane/store/schema.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { AttemptUuid } from '../../../shared/model/ids.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { claim, launchAttempt, newAttempt, sendSignal, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

function enrolmentOf(attempt: AttemptRow, changes: Partial<Enrolment> = {}): Enrolment {
  return {
    uuid: attempt.uuid,
    secretHash: createHash('sha256').update('secret').digest('hex'),
    nonce: 'nonce-1',
    hostKey: 'ssh-ed25519 AAAA',
    agentVersion: '1',
    signingKeySealed: 'sealed-1',
    keyId: 'key',
    ...changes,
  };
}

async function launched(db: Kysely<Schema>): Promise<AttemptRow> {
  return launchAttempt(db, await startedTask(db));
}

describe('intendLaunch', () => {
  it('commits the attempt and its effect together, and answers both again under the same key', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const effect = { key: 'k', name: 'launch', scope: 'entry', request: 'first' };
    const first = await intendLaunch(db, task, { effect, attempt: newAttempt(1) });
    expect(first).toMatchObject({ kind: 'intended', effect: { existed: false, request: 'first' } });
    const second = await intendLaunch(db, task, { effect: { ...effect, request: 'second' }, attempt: newAttempt(1) });
    expect(second).toMatchObject({ kind: 'intended', effect: { existed: true, request: 'first', state: 'intended' } });
    expect(await listAttempts(db, task.id)).toHaveLength(1);
    const row = await db.selectFrom('task').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ attempts: 1, currentAttempt: 1 });
  });

  it('refuses a second container while the first is not resolved, also after a restart', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const first = await launchAttempt(db, task);
    await restartTask(db, task.id);
    const [again] = await claim(db);
    const effect = { key: 'k2', name: 'launch', scope: 'entry', request: 'r' };
    const refused = await intendLaunch(db, again!, { effect, attempt: newAttempt(2) });
    expect(refused).toMatchObject({ kind: 'unresolved', attempt: { id: first.id } });
    expect(await db.selectFrom('effect').select('key').execute()).toHaveLength(1);
    await markVoid(db, first.id, 'given-up');
    expect((await intendLaunch(db, again!, { effect, attempt: newAttempt(2) })).kind).toBe('intended');
    expect((await listAttempts(db, task.id)).map((attempt) => attempt.state)).toEqual(['void', 'intended']);
  });

  it('of a node that lost the task, or whose lease is over, writes nothing', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const launch = { effect: { key: 'k', name: 'launch', scope: 'entry', request: 'r' }, attempt: newAttempt(1) };
    expect(await intendLaunch(db, { ...task, token: 0 }, launch)).toEqual({ kind: 'lost' });
    await sql`UPDATE task SET lease_until = now() - interval '1 millisecond'`.execute(db);
    expect(await intendLaunch(db, task, launch)).toEqual({ kind: 'lost' });
    expect(await listAttempts(db, task.id)).toEqual([]);
  });
});

describe('enrolAttempt', () => {
  it('lets the agent in once, and gives the same answer to the same question until it was understood', async () => {
    const { db } = await databases.fresh();
    const attempt = await launched(db);
    expect((await enrolAttempt(db, enrolmentOf(attempt))).kind).toBe('enrolled');
    const same = await enrolAttempt(db, enrolmentOf(attempt, { signingKeySealed: 'sealed-2' }));
    expect(same).toMatchObject({ kind: 'same', attempt: { signingKeySealed: 'sealed-1' } });
  });

  it('gives no key again once it was used, but stops no container because a request was slow on its way', async () => {
    const { db } = await databases.fresh();
    const attempt = await launched(db);
    await enrolAttempt(db, enrolmentOf(attempt));
    await sendSignal(db, attempt, 1);
    expect((await enrolAttempt(db, enrolmentOf(attempt))).kind).toBe('repeated');
    expect((await findAttempt(db, { uuid: attempt.uuid }))!.reusedAt).toBeNull();
    expect((await enrolAttempt(db, enrolmentOf(attempt, { nonce: 'nonce-2' }))).kind).toBe('reused');
  });

  it.each([{ nonce: 'nonce-2' }, { hostKey: 'ssh-ed25519 BBBB' }])(
    'calls another use theft and wakes the task: %o',
    async (other) => {
      const { db } = await databases.fresh();
      const task = await startedTask(db);
      const attempt = await launchAttempt(db, task);
      await saveStep(db, task, { next: { kind: 'wait', seconds: 3600, isCutBySignals: false } });
      await enrolAttempt(db, enrolmentOf(attempt));
      expect((await enrolAttempt(db, enrolmentOf(attempt, other))).kind).toBe('reused');
      expect((await findAttempt(db, { uuid: attempt.uuid }))!.reusedAt).not.toBeNull();
      expect(await claim(db)).toHaveLength(1);
    },
  );

  it('lets one of many in at once', async () => {
    const { db } = await databases.fresh();
    const attempt = await launched(db);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => enrolAttempt(db, enrolmentOf(attempt, { nonce: `nonce-${index}` }))),
    );
    expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(['enrolled', ...Array<string>(9).fill('reused')]);
  });

  it('knows neither a wrong secret nor a foreign attempt', async () => {
    const { db } = await databases.fresh();
    const attempt = await launched(db);
    expect(await enrolAttempt(db, enrolmentOf(attempt, { secretHash: 'wrong' }))).toEqual({ kind: 'unknown' });
    const foreign = AttemptUuid.parse(randomUUID());
    expect(await enrolAttempt(db, enrolmentOf(attempt, { uuid: foreign }))).toEqual({ kind: 'unknown' });
  });

  it('is void for an attempt that was given up, is not current, or ran for ten minutes before', async () => {
    const { db } = await databases.fresh(3);
    const [given, replaced, late] = [await launched(db), await launched(db), await launched(db)];
    await markVoid(db, given.id, 'given-up');
    await restartTask(db, replaced.taskId);
    await markWitnessed(db, late.id, { isRunning: true });
    await sql`UPDATE container_attempt SET running_at = running_at - interval '601 seconds' WHERE id = ${late.id}`.execute(
      db,
    );
    for (const attempt of [given, replaced, late]) {
      expect(await enrolAttempt(db, enrolmentOf(attempt))).toEqual({ kind: 'void' });
    }
  });
});

describe('marks of an attempt', () => {
  it('a launch that is answered after the attempt was given up leaves it void, with its ARN for the reaper', async () => {
    const { db } = await databases.fresh();
    const attempt = await launched(db);
    await markVoid(db, attempt.id, 'given-up');
    expect(await markLaunched(db, attempt.id, 'arn:1')).toBe('void');
    expect(await findAttempt(db, { uuid: attempt.uuid })).toMatchObject({ state: 'void', arn: 'arn:1' });
  });

  it('a launched attempt cannot be declared never launched', async () => {
    const { db } = await databases.fresh();
    const attempt = await launched(db);
    expect(await markLaunched(db, attempt.id, 'arn:1')).toBe('marked');
    expect(await markVoid(db, attempt.id, 'given-up')).toBe('launched');
    expect(await attemptsToReconcile(db)).toHaveLength(1);
    await markStopped(db, attempt.id, 'exited');
    expect(await attemptsToReconcile(db)).toEqual([]);
    expect(await findAttempt(db, { taskId: attempt.taskId, number: 1 })).toMatchObject({
      state: 'stopped',
      cause: 'exited',
    });
  });

  it('witnesses are kept beside each other, the first verification and RUNNING with their times', async () => {
    const { db } = await databases.fresh();
    const attempt = await launched(db);
    await markWitnessed(db, attempt.id, {});
    const at = '2026-01-01T00:00:00.000Z';
    const ecs = { look: { kind: 'missing', at }, seenAt: at, stoppedAt: null } as const;
    await markWitnessed(db, attempt.id, { ecs, isRunning: true });
    await markWitnessed(db, attempt.id, { ssh: { provenAt: null, failure: 'timeout' } });
    await markVerified(db, attempt.id, { host: '127.0.0.1', port: 22 });
    const seen = (await findAttempt(db, { callbackId: attempt.callbackId }))!;
    expect(seen).toMatchObject({
      ecsWitness: ecs,
      sshWitness: { provenAt: null, failure: 'timeout' },
      address: { port: 22 },
    });
    expect([seen.runningAt, seen.sshVerifiedAt]).toEqual([expect.any(Date), expect.any(Date)]);
  });

  it('a container whose end a node with a fast clock saw has ended now, and not in twenty minutes', async () => {
    const { db } = await databases.fresh();
    const attempt = await launched(db);
    const at = '2099-01-01T00:00:00.000Z';
    const ecs = { look: { kind: 'missing', at }, seenAt: null, stoppedAt: at, exitedAt: at } as const;
    await markWitnessed(db, attempt.id, { ecs });
    const { ecsWitness } = (await findAttempt(db, { callbackId: attempt.callbackId }))!;
    const { rows } = await sql<{ now: Date }>`SELECT now()`.execute(db);
    const now = rows[0]!.now.getTime();
    expect(ecsWitness).toMatchObject({ look: ecs.look, seenAt: null, stoppedAt: ecsWitness!.exitedAt });
    expect(Date.parse(ecsWitness!.stoppedAt!)).toBeLessThanOrEqual(now);
  });

  it('news of an attempt wake its task only while it is the current one', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await saveStep(db, task, { next: { kind: 'wait', seconds: 3600, isCutBySignals: false } });
    await wakeTaskOfAttempt(db, attempt.id);
    expect(await claim(db)).toHaveLength(1);
  });
});
