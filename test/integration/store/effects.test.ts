import { describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { findEffect, intendEffect, settleEffect } from '../../../controlplane/store/effects/effects.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { claim, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const EFFECT = { key: 'k', name: 'start build', scope: 'container', request: 'sealed' };

describe('an effect', () => {
  it('is intended once per key; whoever comes again gets the first request and what became of it', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    expect(await intendEffect(db, task, EFFECT)).toEqual({
      state: 'intended',
      request: 'sealed',
      answer: null,
      existed: false,
    });
    const again = await intendEffect(db, task, { ...EFFECT, request: 'other' });
    expect(again).toEqual({ state: 'intended', request: 'sealed', answer: null, existed: true });
    await settleEffect(db, { taskId: task.id, key: 'k', state: 'answered', answer: { pid: 7 } });
    expect(await intendEffect(db, task, EFFECT)).toMatchObject({
      state: 'answered',
      answer: { pid: 7 },
      existed: true,
    });
  });

  it('is intended by one of many at once', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => intendEffect(db, task, EFFECT)));
    expect(outcomes.filter((outcome) => outcome?.existed === false)).toHaveLength(1);
  });

  it('is not intended, nor replayed, by a node that lost the task or its lease', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    await intendEffect(db, task, EFFECT);
    await sql`UPDATE task SET lease_until = now() - interval '1 millisecond'`.execute(db);
    expect(await intendEffect(db, task, EFFECT)).toBeNull();
    const [second] = await claim(db, { node: 'node-2' });
    expect(await intendEffect(db, task, EFFECT)).toBeNull();
    expect(await intendEffect(db, second!, EFFECT)).toMatchObject({ existed: true });
  });

  it('keeps its first answer, and an unknown outcome may still become one', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    await intendEffect(db, task, EFFECT);
    const settle = (state: 'unknown' | 'refused' | 'answered') =>
      settleEffect(db, { taskId: task.id, key: 'k', state, answer: state });
    expect([await settle('unknown'), await settle('refused'), await settle('answered')]).toEqual([
      'settled',
      'settled',
      'already',
    ]);
    expect(await findEffect(db, task.id, 'k')).toMatchObject({ state: 'refused', answer: 'refused' });
  });

  it('is progress once it is answered: nodes that were lost before it do not poison the task', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    await intendEffect(db, task, EFFECT);
    const takeovers = async (): Promise<number> =>
      (await db.selectFrom('task').select('takeovers').executeTakeFirstOrThrow()).takeovers;
    const settle = (state: 'unknown' | 'answered') =>
      settleEffect(db, { taskId: task.id, key: 'k', state, answer: null });
    await sql`UPDATE task SET takeovers = 2`.execute(db);
    await settle('unknown');
    expect(await takeovers()).toBe(2);
    await settle('answered');
    expect(await takeovers()).toBe(0);
    await sql`UPDATE task SET takeovers = 1`.execute(db);
    await settle('answered'); // a repeated answer is no progress
    expect(await takeovers()).toBe(1);
  });
});
