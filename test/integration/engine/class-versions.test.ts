import { describe, expect, it, onTestFinished } from 'vitest';
import { BASIC_OPTIONS, BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { Migration, WipClass } from '../../../controlplane/tasks/wip-class.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addOf, endOf, engineDeps, runEngine } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';

const databases = useTestDatabases();

/** Waits in its first state for a signal that never comes. A migration of its memory lets it end. */
class Counting extends BasicWip {
  override getStateTable(): string {
    return 'start:count {\n  more  start wait=3600 exec=false\n  done  finish\n}\nfailure {\n  * finish\n}\n';
  }
  override start(context: WipContext): void {
    context.memory['counted'] = 1;
  }
  count(context: WipContext): string {
    if (context.memory['pages'] === undefined) return 'more';
    context.exit('COMPLETED', `${String(context.memory['pages'])} pages`);
    return 'done';
  }
}

const version = (number: number, migration?: Migration): WipClass =>
  defineWip({
    kind: 'Counting',
    version: number,
    ...(migration && { migration }),
    options: BASIC_OPTIONS,
    create: (task) => new Counting(task),
  });

/** Returns a task that is due again after a node with version 1 has brought it to its wait. */
async function savedByVersionOne() {
  const { db } = await databases.fresh();
  const engine = runEngine(engineDeps(db, [version(1)]));
  const id = await addOf(db, 'Counting');
  const rowOf = () => db.selectFrom('task').selectAll().where('id', '=', TaskId.parse(id)).executeTakeFirstOrThrow();
  await eventually('the wait', async () => (await rowOf()).status === 1);
  await engine.stop();
  await db
    .updateTable('task')
    .set({ wakeAt: new Date(0) })
    .execute();
  const start = (kind: WipClass) => {
    const next = runEngine(engineDeps(db, [kind]));
    onTestFinished(() => next.stop());
  };
  return { db, id, rowOf, start };
}

describe('a task that another version of its class has saved', () => {
  it('goes on under a version that migrates its memory, which is written down', async () => {
    const { db, id, rowOf, start } = await savedByVersionOne();
    start(version(3, { from: [1, 2], migrate: (from, { counted }) => ({ pages: Number(counted) + from }) }));
    expect(await endOf(db, id)).toMatchObject({
      exitStatus: 'COMPLETED',
      exitMessage: '2 pages',
      logs: expect.arrayContaining(['The task was saved by version 1 of Counting and goes on under version 3.']),
    });
    expect((await rowOf()).classVersion).toBe('3');
  });

  it('ends with the reason when its memory cannot be migrated', async () => {
    const { db, id, start } = await savedByVersionOne();
    const migrate = (): never => {
      throw new Error('there is no count of pages.');
    };
    start(version(2, { from: [1], migrate }));
    expect(await endOf(db, id)).toMatchObject({
      exitStatus: 'ERROR_SYSTEM',
      cause: 'class-version',
      exitMessage:
        'The task was saved by version 1 of Counting and cannot go on under version 2: there is no count of pages.',
    });
  });
});
