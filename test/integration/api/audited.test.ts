import { describe, expect, it } from 'vitest';
import { RESTORED } from '../../../controlplane/store/operation/restored.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { readAudit } from '../../../controlplane/store/settings/audit.ts';
import { setSetting } from '../../../controlplane/store/settings/settings.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { type TaskService } from '../../../controlplane/api/tasks/task-service.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { operatorsOf, type Operators } from '../../kit/operators.ts';
import { startedTask } from '../../kit/database/store.ts';
import { taskServiceOf } from '../../kit/task-service.ts';

const databases = useTestDatabases();
const CLUSTER = { name: 'other', region: 'r', cluster: 'c', launch: { type: 'ec2' } } as const;

type Users = TaskService;
type TaskNumber = Parameters<Users['terminateTask']>[0];

/** Changes by people, each with what its audit entry must contain. */
const CHANGES: [
  what: string,
  entry: string,
  change: (operators: Operators, users: Users, task: TaskNumber, db: Db) => Promise<unknown>,
][] = [
  ['limits of a group', 'set-limits group/a', (side) => side.groups.setGroup({ name: 'a', maxRunning: 2 }, 'ann')],
  [
    'a removed group',
    'delete group/b',
    async (side) => {
      await side.groups.setGroup({ name: 'b', maxRunning: 2 }, 'ann');
      await side.groups.removeGroup('b', 'ann');
    },
  ],
  ['a pause of everything', 'pause all', (side) => side.pauses.pauseAll('all', 'soft', 'ann')],
  ['a pause of a group', 'pause group/a', (side) => side.pauses.pauseAll(['a'], 'hard', 'ann')],
  ['the end of a pause', 'resume all', (side) => side.pauses.resumeAll('all', 'ann')],
  ['maintenance', 'maintenance-on maintenance', (side) => side.maintenance.startMaintenance('a move', 'ann')],
  ['the end of maintenance', 'maintenance-off maintenance', (side) => side.maintenance.endMaintenance('ann')],
  [
    'a confirmed restore',
    'confirm-restore database',
    async (side, _users, _task, db) => {
      await setSetting(db, RESTORED, { at: '2026-01-02T00:00:00Z', dumpedAt: '2026-01-01T00:00:00Z' });
      await side.status.confirmRestored('ann');
    },
  ],
  ['a new token', 'create token/1', (side) => side.tokens.createToken({ name: 'bob', role: 'viewer' }, 'ann')],
  [
    'a revoked token',
    'revoke token/1',
    async (side) => {
      const { id } = await side.tokens.createToken({ name: 'bob', role: 'viewer' }, 'ann');
      await side.tokens.revokeToken(id, 'ann');
    },
  ],
  ['a cluster', 'save cluster/other', (side) => side.clusters.saveCluster(CLUSTER, 'ann')],
  [
    'the active cluster',
    'use cluster/other',
    async (side) => {
      await side.clusters.saveCluster(CLUSTER, 'ann');
      await side.clusters.useCluster('other', 'ann');
    },
  ],
  [
    'a deleted cluster',
    'delete cluster/other',
    async (side) => {
      await side.clusters.saveCluster(CLUSTER, 'ann');
      await side.clusters.deleteCluster('other', 'ann');
    },
  ],
  ['a terminated task', 'terminate task/1', (_side, users, task) => users.terminateTask(task, 'ann')],
  ['a paused task', 'pause task/1', (_side, users, task) => users.pauseTask(task, 'ann')],
  [
    'a resumed task',
    'resume task/1',
    async (_side, users, task) => {
      await users.pauseTask(task, 'ann');
      await users.resumeTask(task, 'ann');
    },
  ],
  ['a prioritised task', 'prioritise task/1', (_side, users, task) => users.prioritiseTask(task, 'FIRST', 'ann')],
  [
    'a restarted task',
    'restart task/1',
    async (_side, users, task, db) => {
      await saveStep(db, { id: task, token: 1 } as never, { next: { kind: 'complete' } });
      await users.restartTask(task, 'ann');
    },
  ],
];

describe('the audit of a change over the HTTP API', () => {
  it.each(CHANGES)('says who changed %s', async (_what, entry, change) => {
    const { db } = await databases.fresh();
    const { id } = await startedTask(db);
    const users = taskServiceOf(db);
    await change(operatorsOf(db), users, id, db);
    const [newest] = await readAudit(db, { limit: 1 });
    expect(`${newest?.actor} ${newest?.action} ${newest?.subject}`).toBe(`ann ${entry}`);
  });
});
