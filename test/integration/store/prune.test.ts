import { describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { appendChunk } from '../../../controlplane/store/output/append-chunk.ts';
import { pruneFinished } from '../../../controlplane/store/prune-finished.ts';
import { markStopped } from '../../../controlplane/store/attempts/mark-attempt.ts';
import { findTask } from '../../../controlplane/store/tasks/read-tasks.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addBasic, appendUsageSample, launchAttempt, sendSignal, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

describe('pruneFinished', () => {
  it('deletes what ended before its group keeps it, with everything that was kept of it, in small batches', async () => {
    const { db } = await databases.fresh();
    const tasks = [await startedTask(db), await startedTask(db), await startedTask(db)];
    for (const task of tasks) {
      const attempt = await launchAttempt(db, task);
      await sendSignal(db, attempt, 1);
      await appendChunk(db, { ...attempt, processId: 'p', stream: 'stdout', offset: 0, bytes: Buffer.from('x') });
      await markStopped(db, attempt.id, 'exited');
      await saveStep(db, task, {
        logs: [{ level: 5, message: 'end', isUserReadable: true }],
        next: { kind: 'complete' },
      });
    }
    expect(await pruneFinished(db, 10)).toBe(0);
    await sql`UPDATE task SET completed_at = now() - interval '73 hours' WHERE id <> ${tasks[2]!.id}`.execute(db);
    expect([await pruneFinished(db, 1), await pruneFinished(db, 1), await pruneFinished(db, 1)]).toEqual([1, 1, 0]);
    for (const table of [
      'task',
      'containerAttempt',
      'signal',
      'taskLog',
      'outputChunk',
      'outputStream',
      'effect',
    ] as const) {
      expect(await db.selectFrom(table).selectAll().execute(), table).toHaveLength(1);
    }
  });

  it('leaves nothing of a task in any table, and its children where they are', async () => {
    const { db } = await databases.fresh();
    const parent = await startedTask(db);
    const attempt = await launchAttempt(db, parent);
    await sendSignal(db, attempt, 1);
    await appendChunk(db, { ...attempt, processId: 'p', stream: 'stdout', offset: 0, bytes: Buffer.from('x') });
    await appendUsageSample(db, attempt, { at: new Date(0) });
    await markStopped(db, attempt.id, 'exited');
    const child = await addBasic(db, { parentId: parent.id });
    const step = {
      entry: 1,
      fromState: null,
      value: null,
      state: 'start',
      executed: true,
      tookMs: 1,
      agoMs: 1,
      waitSeconds: 0,
    };
    await saveStep(db, parent, {
      steps: [{ ...step, timer: null, note: null }],
      logs: [{ level: 5, message: 'end', isUserReadable: true }],
      next: { kind: 'complete' },
    });
    await sql`UPDATE task SET completed_at = now() - interval '73 hours' WHERE id = ${parent.id}`.execute(db);
    // The tables are read from the schema, so that a new one is not forgotten. Entries of the outbox keep their task
    // (deliveries.test.ts).
    const { rows: tables } = await sql<{ name: string; column: string }>`
      SELECT table_name AS name, column_name AS "column" FROM information_schema.columns
      WHERE table_schema = 'public' AND column_name IN ('task_id', 'attempt_id')
        AND table_name <> 'outbox'`.execute(db);
    const kept = async (): Promise<string[]> => {
      const found: string[] = [];
      for (const { name } of tables) {
        const { rows } = await sql`SELECT FROM ${sql.table(name)} LIMIT 1`.execute(db);
        if (rows.length > 0) found.push(name);
      }
      return [...new Set(found)].sort();
    };
    expect(await kept()).toEqual([...new Set(tables.map(({ name }) => name))].sort());
    expect(await pruneFinished(db, 10)).toBe(1);
    expect(await kept()).toEqual([]);
    expect(await findTask(db, { id: child.id })).toMatchObject({ parentId: null, status: 0 });
  });

  it('keeps a task whose container may still run, however old it is', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await saveStep(db, task, { next: { kind: 'complete' } });
    await sql`UPDATE task SET completed_at = now() - interval '1 year'`.execute(db);
    expect(await pruneFinished(db, 10)).toBe(0);
    await markStopped(db, attempt.id, 'exited');
    expect(await pruneFinished(db, 10)).toBe(1);
  });
});
