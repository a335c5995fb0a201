import { sql } from 'kysely';
import { beforeEach, describe, expect, it } from 'vitest';
import { createQueueService } from '../../../controlplane/api/queue/queue-service.ts';
import { checkClassLives } from '../../../controlplane/api/tasks/submit/class-check-service.ts';
import { findWaitReasons } from '../../../controlplane/api/tasks/why/wait-reasons.ts';
import { countAbandoned } from '../../../controlplane/store/operation/abandoned.ts';
import { readFleetFigures } from '../../../controlplane/store/operation/fleet-figures.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { readLivingClasses } from '../../../controlplane/store/settings/node-classes.ts';
import { heartbeatNode, removeNode } from '../../../controlplane/store/settings/nodes.ts';
import { findTask } from '../../../controlplane/store/tasks/read-tasks.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addBasic, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const classes = (...versions: string[]) => versions.map((classVersion) => ({ kind: 'Basic', classVersion }));
const said = (name: string, ...versions: string[]) => ({ name, version: '1.0.0', classes: classes(...versions) });

let db: Db;
beforeEach(async () => ({ db } = await databases.fresh()));

describe('the classes of the living nodes', () => {
  it('are what each said at its heartbeat, and nothing of one that has left or is silent', async () => {
    expect(await readLivingClasses(db)).toBeNull();
    await heartbeatNode(db, said('n1', '1'));
    const { incarnation } = await heartbeatNode(db, said('n2', '2', '3'));
    expect(await readLivingClasses(db)).toEqual(new Set(['1 Basic', '2 Basic', '3 Basic']));
    await removeNode(db, { name: 'n2', incarnation });
    expect(await readLivingClasses(db)).toEqual(new Set(['1 Basic']));
    expect(await sql`SELECT FROM setting WHERE name = 'classes of n2'`.execute(db)).toMatchObject({ rows: [] });
    await heartbeatNode(db, said('n3', '3'));
    await sql`UPDATE node SET seen_at = now() - interval '1 minute' WHERE name = 'n1'`.execute(db);
    expect(await readLivingClasses(db)).toEqual(new Set(['3 Basic']));
  });

  it('are not known while a node of an earlier version lives, also under the name of one that said them', async () => {
    await heartbeatNode(db, said('n1', '1'));
    await heartbeatNode(db, { name: 'n1', version: '0.9.0' });
    expect(await readLivingClasses(db)).toBeNull();
    await heartbeatNode(db, said('n1', '1'));
    await heartbeatNode(db, { name: 'old', version: '0.9.0' });
    expect(await readLivingClasses(db)).toBeNull();
  });
});

describe('tasks of a version that no living node has', () => {
  it('count as abandoned whether they sleep, queue or were left, and cannot be restarted', async () => {
    const waits = await startedTask(db);
    const busy = await startedTask(db);
    const left = await startedTask(db);
    const queued = await addBasic(db);
    const ended = await addBasic(db);
    await sql`UPDATE task SET status = 1, owner = NULL, lease_until = NULL WHERE id = ${waits.id}`.execute(db);
    await sql`UPDATE task SET lease_until = now() - interval '5 minutes' WHERE id = ${left.id}`.execute(db);
    await sql`UPDATE task SET status = 3, completed_at = now() WHERE id = ${ended.id}`.execute(db);
    expect(await countAbandoned(db, 60)).toEqual({ leaseless: 1, classless: [] });
    await heartbeatNode(db, said('n1', '1'));
    expect(await countAbandoned(db, 60)).toEqual({ leaseless: 1, classless: [] });
    await checkClassLives(db, (await findTask(db, { id: ended.id }))!);

    await heartbeatNode(db, said('n1', '2'));
    const classless = [{ kind: 'Basic', classVersion: '1', tasks: 3 }];
    expect(await countAbandoned(db, 60)).toEqual({ leaseless: 0, classless });
    expect(await readFleetFigures(db)).toMatchObject({ abandoned: 3 });
    await expect(checkClassLives(db, (await findTask(db, { id: ended.id }))!)).rejects.toMatchObject({
      code: 'TASK_VERSION_MISSING',
      message: expect.stringContaining('version 1 of Basic, and no living node has that'),
    });
    for (const { id } of [waits, left, queued]) {
      const reasons = await findWaitReasons(db, [(await findTask(db, { id }))!]);
      expect(reasons.get(id)).toMatchObject({ code: 'class-missing', clause: 'no living node has version 1 of Basic' });
    }
    expect((await findWaitReasons(db, [(await findTask(db, { id: busy.id }))!])).get(busy.id)).toBeNull();
    const queue = createQueueService({
      db,
      clock: systemClock,
      groupTimes: { findTimes: () => Promise.resolve(new Map()) },
    });
    await sql`UPDATE group_limit SET max_running = 9`.execute(db);
    const { gates } = (await queue.readQueue(queued.id))!;
    expect(gates.filter(({ isOpen }) => !isOpen)).toMatchObject([{ code: 'class-missing' }]);
    const { first } = (await queue.readGroupQueue('Basic', 1))!;
    expect(first[0]?.closed).toMatchObject([{ code: 'class-missing' }]);
  });
});
