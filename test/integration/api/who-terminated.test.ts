import { expect, it } from 'vitest';
import { summaryOf, viewOf } from '../../../controlplane/api/tasks/own-task.ts';
import { createTaskService } from '../../../controlplane/api/tasks/task-service.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { createLogger } from '../../../shared/support/logger.ts';
import { createSealer } from '../../../shared/support/sealing.ts';
import { Secret } from '../../../shared/support/secret.ts';
import { useTestDatabases } from '../../kit/database.ts';
import { TEST_SETTINGS } from '../../kit/engine.ts';
import { addBasic, claim } from '../../kit/store.ts';

const databases = useTestDatabases();

it('a list says who terminated a task, in the words that the task itself has', async () => {
  const { db } = await databases.fresh();
  const tasks = createTaskService({
    db,
    sealer: createSealer(new Secret(Buffer.alloc(32, 1))),
    digestKey: 'k',
    kinds: new Map(),
    settings: TEST_SETTINGS,
    maxRunSeconds: 60,
    heartbeatSeconds: 30,
    isDatabaseEnding: () => false,
    findSizeRefusal: () => Promise.resolve(null),
    log: createLogger('test', 'silent'),
  });
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
