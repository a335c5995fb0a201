import {
  createTaskService,
  type TaskService,
  type TaskServiceDeps,
} from '../../controlplane/api/tasks/task-service.ts';
import type { Db } from '../../controlplane/store/schema.ts';
import { SHIPPED_KINDS } from '../../controlplane/tasks/kinds.ts';
import { createLogger } from '../../shared/system/logger.ts';
import { createSealer } from '../../shared/keys/sealing.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { TEST_SETTINGS } from './engine.ts';

/** The task service of a node whose tasks are in this database, with the shipped kinds. */
export function taskServiceOf(db: Db, more: Partial<TaskServiceDeps> = {}): TaskService {
  return createTaskService({
    db,
    sealer: createSealer(new Secret(Buffer.alloc(32, 1))),
    digestKey: 'k',
    kinds: new Map(SHIPPED_KINDS.map((kind) => [kind.kind, kind])),
    settings: TEST_SETTINGS,
    maxRunSeconds: 60,
    heartbeatSeconds: 30,
    isDatabaseEnding: () => false,
    findSizeRefusal: () => Promise.resolve(null),
    log: createLogger('test', 'silent'),
    ...more,
  });
}
