import { TaskId } from '../../../shared/model/ids.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { findAttempt, listOwnedAttempts } from '../../store/attempts/find-attempt.ts';
import { createStepStore } from '../../store/create-step-store.ts';
import { readRestored } from '../../store/operation/restored.ts';
import { decideReap, isOwned, REAP_AFTER_MS, type Reaping, type Suspects } from './decide-reap.ts';
import { sendStop } from '../container/send-stop.ts';
import type { ClusterAccess, EngineDeps } from '../engine-deps.ts';

/** Memory of the reaper between rounds. An ARN belongs to one ECS cluster, so all clusters share it. */
export interface ReaperMemory {
  suspects: Suspects;
  /** Names of the clusters of the last round. */
  clusters: ReadonlySet<string>;
  /** ARNs that were reported to operators instead of stopped. */
  readonly reported: Set<string>;
}

export type ReapDeps = Pick<EngineDeps, 'db' | 'installationId' | 'clock' | 'log'>;

// A suspect that was not seen for this long has ended, or its cluster does not answer.
const FORGET_AFTER_MS = 60 * REAP_AFTER_MS;

/**
 * Begins a round over these clusters. All suspects are forgotten when one of the clusters is new to this node, because a suspect
 * must have been seen without an owner in every round since.
 */
export function beginRound(memory: ReaperMemory, clusters: readonly string[]): void {
  if (clusters.some((name) => !memory.clusters.has(name))) memory.suspects = new Map();
  memory.clusters = new Set(clusters);
}

/**
 * Stops the containers of this installation on one cluster that no attempt owns. Owners are read after ECS has listed
 * all of its tasks: an attempt is committed before its launch, so none of them can be missing then. A failed or
 * partial answer of ECS throws, and makes no task a suspect.
 */
export async function reapCluster(
  deps: ReapDeps,
  access: ClusterAccess,
  { memory, nowMs }: { memory: ReaperMemory; nowMs: number },
): Promise<void> {
  const running = await access.listRunning();
  const owned = await listOwnedAttempts(deps.db);
  const { suspects, due } = decideReap(memory.suspects, { running, owned, nowMs }, deps.installationId);
  memory.suspects = new Map([...suspects].filter(([, sinceMs]) => nowMs - sinceMs < FORGET_AFTER_MS));
  if (due.length === 0) return;
  const restored = await readRestored(deps.db);
  for (const unowned of due) {
    if (restored) report(deps, unowned, memory);
    else await stopUnowned(deps, access, unowned);
  }
}

/**
 * Stops an ECS task after reading its owners once more: an attempt may have been restored meanwhile, or a task may
 * keep its container after all.
 */
async function stopUnowned(deps: ReapDeps, access: ClusterAccess, unowned: Reaping['due'][number]): Promise<void> {
  const { arn, startedBy, attempt } = unowned;
  const of = { taskId: TaskId.parse(attempt.taskId), number: attempt.number };
  if (isOwned(unowned, await listOwnedAttempts(deps.db, of))) return;
  deps.log.warn({ arn, startedBy, cluster: access.name }, 'a container that no attempt owns is stopped');
  const row = await findAttempt(deps.db, of);
  // ECS may have given the attempt another container; then this one has no attempt.
  const own = row?.arn === arn ? row : null;
  const send = (): Promise<void> => access.ecs.stopTask(arn, 'wip: no container attempt owns this task');
  try {
    await sendStop({ store: createStepStore(deps.db), log: deps.log }, own, { arn, at: deps.clock.now(), send });
  } catch (error) {
    // sendStop has noted the failure, and the next round tries again. A container that cannot be stopped must not keep the others
    // running.
    if (!(error instanceof OperationalError)) throw error;
  }
}

/**
 * Reports each ECS task once, because it may run for hours. It stays a suspect and is stopped in the first round
 * after the confirmation.
 */
function report(deps: ReapDeps, { arn, startedBy }: Reaping['due'][number], { reported }: ReaperMemory): void {
  if (reported.has(arn)) return;
  reported.add(arn);
  deps.log.warn(
    { arn, startedBy },
    'a container that no attempt owns is not stopped, because the database was restored',
  );
}
