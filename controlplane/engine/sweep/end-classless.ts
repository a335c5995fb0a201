import { readLivingClasses } from '../../store/settings/node-classes.ts';
import { claimClassless } from '../../store/tasks/claim-tasks.ts';
import type { EngineDeps } from '../engine-deps.ts';
import { runTask } from '../run/run-task.ts';

// A node that is restarted is away for seconds. It gets the first chance, because only the class itself has its hooks called and
// reports the end to services (ours).
const LEFT_SECONDS = 60;
// One round takes few at a time: each may need a call of ECS, and the next round follows.
const MOST = 20;

/**
 * Ends tasks whose end was requested and whose class no living node has. They would hold their slot of a group, and their
 * container, until a node with the class comes, which may be never.
 */
export async function endClassless(deps: EngineDeps, abort: AbortSignal): Promise<void> {
  const { db, node, leaseSeconds } = deps;
  const living = await readLivingClasses(db);
  if (living === null) return;
  const found = { living, afterSeconds: LEFT_SECONDS };
  const tasks = await claimClassless(db, { node, leaseSeconds, limit: MOST }, found);
  await Promise.all(tasks.map((task) => runTask(deps, task, abort)));
}
