import { describe, expect, it } from 'vitest';
import { requestTerminate, restartTask } from '../../../controlplane/store/control/control-task.ts';
import { endMaintenance, startMaintenance } from '../../../controlplane/store/operation/maintenance.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { findEndingTask } from '../../../controlplane/store/tasks/supersede.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addBasic, claim, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const KEY = 'github acme/app branch main first';
const MAINTENANCE = { reason: null, by: 'ann', since: '2026-01-01T00:00:00Z' };

const build = (db: Db, supersedeKey = KEY) => addBasic(db, { supersedeKey, title: `of ${supersedeKey}` });
const asked = async (db: Db): Promise<number[]> => {
  const rows = await db
    .selectFrom('task')
    .select('id')
    .where('terminateRequestedAt', 'is not', null)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
};

describe('a task that supersedes others', () => {
  it('asks the earlier ones with its key to end, whether queued or started, and no other', async () => {
    const { db } = await databases.fresh();
    const ended = await startedTask(db, { supersedeKey: KEY });
    await saveStep(db, ended, { next: { kind: 'complete' } });
    const started = await startedTask(db, { supersedeKey: KEY });
    expect(started.supersededBy).toBeNull();
    const other = await build(db, 'github acme/app branch next first');
    const last = await build(db);
    expect([other.superseded, last.superseded]).toEqual([[], [started.id]]);
    expect(await asked(db)).toEqual([started.id]);
    expect(await findEndingTask(db, started.id)).toEqual({ id: last.id, title: `of ${KEY}`, isParent: false });
    expect(await findEndingTask(db, last.id)).toBeNull();
    // One that was asked before is not asked again.
    expect((await build(db)).superseded).toEqual([last.id]);
  });

  it('is one of many that are added at the same moment, and the last of them is left', async () => {
    const { db } = await databases.fresh();
    const added = await Promise.all(Array.from({ length: 6 }, () => build(db)));
    const last = Math.max(...added.map(({ id }) => id));
    expect(await asked(db)).toEqual(
      added
        .map(({ id }) => id)
        .filter((id) => id !== last)
        .toSorted((a, b) => a - b),
    );
  });

  it('supersedes nothing when it was there already', async () => {
    const { db } = await databases.fresh();
    const first = await addBasic(db, { supersedeKey: KEY, clientJobId: 'github d-1' });
    const second = await addBasic(db, { supersedeKey: KEY, clientJobId: 'github d-2' });
    const again = await addBasic(db, { supersedeKey: KEY, clientJobId: 'github d-1' });
    expect(again).toMatchObject({ id: first.id, created: false, superseded: [] });
    expect(await asked(db)).toEqual([first.id]);
    expect(second.superseded).toEqual([first.id]);
  });

  it('is forgotten when a person starts the superseded one again', async () => {
    const { db } = await databases.fresh();
    const first = await startedTask(db, { supersedeKey: KEY });
    await build(db);
    await restartTask(db, first.id);
    expect(await asked(db)).toEqual([]);
    await requestTerminate(db, first.id);
    expect(await findEndingTask(db, first.id)).toBeNull();
  });
});

describe('a task that came during a maintenance', () => {
  it('starts when the maintenance is over; those before it go on meanwhile, and the next one does not hold it', async () => {
    const { db } = await databases.fresh();
    const before = await addBasic(db);
    await startMaintenance(db, MAINTENANCE);
    const late = await addBasic(db, { startsAfterMaintenance: true });
    expect((await claim(db)).map(({ id }) => id)).toEqual([before.id]);
    expect(await claim(db)).toEqual([]);
    await endMaintenance(db);
    await startMaintenance(db, MAINTENANCE);
    expect((await claim(db)).map(({ id }) => id)).toEqual([late.id]);
  });

  it('that is added when the maintenance has just ended starts at once', async () => {
    const { db } = await databases.fresh();
    const { id } = await addBasic(db, { startsAfterMaintenance: true });
    expect((await claim(db)).map((task) => task.id)).toEqual([id]);
  });

  it('can be ended before it began', async () => {
    const { db } = await databases.fresh();
    await startMaintenance(db, MAINTENANCE);
    const { id } = await addBasic(db, { startsAfterMaintenance: true });
    await requestTerminate(db, id);
    expect(await claim(db)).toMatchObject([{ id, slot: 'none' }]);
  });
});
