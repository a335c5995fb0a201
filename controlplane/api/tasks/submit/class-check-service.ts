import { OperationalError } from '../../../../shared/model/error.ts';
import type { TaskId } from '../../../../shared/model/ids.ts';
import type { Db } from '../../../store/schema.ts';
import { readLivingClasses } from '../../../store/settings/node-classes.ts';
import type { ClassVersion } from '../../../tasks/checks/class-versions.ts';
import { missingClass, MISSING_CLASS_REMEDY } from '../why/missing-class.ts';

/** Throws TASK_VERSION_MISSING for a task whose class no living node has. */
export async function checkClassLives(db: Db, task: ClassVersion & { readonly id: TaskId }): Promise<void> {
  if (missingClass(task, await readLivingClasses(db)) === null) return;
  throw new OperationalError('TASK_VERSION_MISSING', {
    happened: `Task ${task.id} is one of version ${task.classVersion} of ${task.kind}, and no living node has that`,
    remedy: `${MISSING_CLASS_REMEDY}, or add a new task`,
  });
}
