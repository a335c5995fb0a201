import { describe, expect, it } from 'vitest';
import { addTask, type NewTask } from '../../../controlplane/store/tasks/add-task.ts';
import { listGroups } from '../../../controlplane/store/settings/groups.ts';
import { useTestDatabases } from '../../kit/database/database.ts';

const databases = useTestDatabases();

const task = (n: number, more: Partial<NewTask> = {}): NewTask => ({
  kind: 'Build',
  classVersion: '1',
  title: `build ${n}`,
  group: 'new group',
  priority: 'MEDIUM',
  workId: `work ${n}`,
  options: {},
  ...more,
});

describe('tasks that are added', () => {
  it('make their new group once, however many come at the same moment', async () => {
    const { db } = await databases.fresh();
    const added = await Promise.all(Array.from({ length: 30 }, (_, n) => addTask(db, task(n))));
    expect(new Set(added.map(({ id }) => id)).size).toBe(30);
    expect(added.every(({ created }) => created)).toBe(true);
    expect(await listGroups(db)).toMatchObject([{ name: 'new group', queued: 30 }]);
  });

  it('are one when they have the same id, however many come at the same moment', async () => {
    const { db } = await databases.fresh();
    const jobDigest = { options: 'd' };
    const add = (n: number) => addTask(db, task(n, { clientJobId: 'job', jobDigest }));
    const added = await Promise.all(Array.from({ length: 30 }, (_, n) => add(n)));
    expect(new Set(added.map(({ id }) => id)).size).toBe(1);
    expect(added.filter(({ created }) => created)).toHaveLength(1);
    expect(added.filter(({ created }) => !created).map(({ earlierDigest }) => earlierDigest)).toEqual(
      Array(29).fill(jobDigest),
    );
    expect(await listGroups(db)).toMatchObject([{ queued: 1 }]);
  });

  it('leave a group as it is that somebody has set', async () => {
    const { db } = await databases.fresh();
    await db.insertInto('groupLimit').values({ name: 'new group', maxRunning: 7 }).execute();
    await addTask(db, task(1));
    expect(await listGroups(db)).toMatchObject([{ maxRunning: 7, queued: 1 }]);
  });
});
