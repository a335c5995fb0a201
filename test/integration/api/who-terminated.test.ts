import { expect, it } from 'vitest';
import { summaryOf, viewOf } from '../../../controlplane/api/tasks/own-task.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addBasic, claim } from '../../kit/database/store.ts';
import { taskServiceOf } from '../../kit/task-service.ts';

const databases = useTestDatabases();

it('a list says who terminated a task, in the words that the task itself has', async () => {
  const { db } = await databases.fresh();
  const tasks = taskServiceOf(db);
  for (const actor of ['ann', 'bob', null]) {
    await addBasic(db);
    const [task] = await claim(db);
    if (actor !== null) await tasks.terminateTask(task!.id, actor);
    await saveStep(db, task!, { exitStatus: 'TERMINATED', next: { kind: 'complete' } });
  }
  const listed = await tasks.listTasks({ limit: 10 });
  const views = await Promise.all(listed.map(({ id }) => tasks.findTask(id as never)));
  const sentences = listed.map((task) => summaryOf(task).why);
  expect(sentences.sort()).toEqual([
    'It was terminated at the request of ann.',
    'It was terminated at the request of bob.',
    'It was terminated on request.',
  ]);
  expect(views.map((view) => viewOf(view!).why).sort()).toEqual(sentences);
});
