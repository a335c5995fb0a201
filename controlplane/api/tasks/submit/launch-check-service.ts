import { z } from 'zod';
import { OperationalError } from '../../../../shared/model/error.ts';
import type { LaunchRequirements, SizeRefusal } from '../../../clusters/size-refusal.ts';
import type { Db } from '../../../store/schema.ts';
import { readGroupRooms } from '../../../store/settings/groups.ts';
import { listTasks } from '../../../store/tasks/read-tasks.ts';
import type { PreparedTask } from '../../../engine/prepare-task.ts';
import { checkOrderRights, wantsRights, type OrderWithRights } from './order-rights.ts';
import { requireClusters } from '../../clusters/cluster-service.ts';

export interface OrderCheckDeps {
  readonly db: Db;
  /** Returns null when the sizes fit, or when no cluster can be asked. */
  readonly findSizeRefusal: (requirements: LaunchRequirements) => Promise<SizeRefusal | null>;
}

interface OrderedTask extends OrderWithRights {
  readonly requirements: LaunchRequirements;
  readonly ofKind: PreparedTask['ofKind'];
  readonly clientJobId?: string;
}

/**
 * Refuses an order that exceeds the rights of its sender, and one for which no container could be launched: its task would wait
 * until somebody reads why. Throws FORBIDDEN, CLUSTER_UNKNOWN or OPTIONS_INVALID.
 */
export async function checkOrder({ db, findSizeRefusal }: OrderCheckDeps, task: OrderedTask): Promise<void> {
  const { requirements, createdBy, clientJobId } = task;
  const hasSizes = Object.keys(requirements.containerSize).length > 0;
  if (requirements.clusters.length === 0 && !hasSizes && !wantsRights(task)) return;
  // A repeated order adds nothing and gets the same answer as before, even if its clusters no longer exist.
  const isKnown = clientJobId !== undefined && (await listTasks(db, { clientJobId, createdBy, limit: 1 })).length > 0;
  if (isKnown) return;
  if (wantsRights(task)) {
    const hasGroup = async (name: string): Promise<boolean> => (await readGroupRooms(db, [name])).length > 0;
    await checkOrderRights(task, { ofKind: task.ofKind, hasGroup });
  }
  await requireClusters(db, requirements.clusters);
  const refusal = hasSizes ? await findSizeRefusal(requirements) : null;
  if (refusal) throw sizeRefused(requirements.kind, refusal);
}

function sizeRefused(kind: string, { cluster, faults }: SizeRefusal): OperationalError {
  const said = faults.map(({ path, sentence, remedy }) => ({
    path: [...path],
    message: `${sentence.replace(/\.$/, '')}. ${remedy}`,
  }));
  return new OperationalError('OPTIONS_INVALID', {
    happened: `The cluster "${cluster}" cannot run a container with the options of this ${kind} task: ${said.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
    remedy: 'Correct the named options and add the task again',
    cause: new z.ZodError(said.map(({ path, message }) => ({ code: 'custom', path, message, input: undefined }))),
  });
}
