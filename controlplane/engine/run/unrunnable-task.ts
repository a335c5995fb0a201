import { messageOf } from '../../../shared/model/error.ts';
import { singleLine } from '../../../shared/model/single-line.ts';
import type { TaskLease } from '../../store/tasks/leases.ts';
import type { ClaimedTask } from '../../store/tasks/queue.ts';
import type { WipClass } from '../../tasks/wip-class.ts';
import { whyNoMemory } from '../../tasks/checks/class-answers.ts';
import { LOG_LEVEL, type Bag } from '../../tasks/context.ts';
import { LeaveTask, type StepDeps } from '../engine-deps.ts';
import { runClassCode } from '../method-scope.ts';
import { copyOf, SavedJsonView, unwrapView } from './saved-json-view.ts';
import type { TaskDraft } from './task-draft.ts';

// After this many takeovers of one entry without a save, the task itself is assumed to kill its nodes.
const TAKEOVERS_TO_BLAME = 3;

/** Why a task cannot be stepped at all and so ends. */
export interface UnrunnableReason {
  readonly cause: string;
  readonly message: string;
  /** TERMINATED when somebody has asked for its end. */
  readonly status: 'ERROR_SYSTEM' | 'TERMINATED';
}

/** The task is to end, and its class, which would end it, is on no node. */
export function endsClassless({ kind, classVersion }: ClaimedTask): UnrunnableReason {
  return {
    cause: CLASS_MISSING,
    status: 'TERMINATED',
    message: `It was ended without the code of its class, because no node has version ${classVersion} of ${kind}.`,
  };
}

const CLASS_MISSING = 'class-missing';

/**
 * Lets a task that another version of its class has saved continue under this version. Committed with the task's next
 * save.
 */
export function migrateTask(
  { kind, version, migration }: WipClass,
  row: ClaimedTask,
  draft: TaskDraft,
): UnrunnableReason | null {
  const from = `version ${row.classVersion} of ${kind}`;
  if (!migration) throw new Error(`a task of ${from} was claimed, which this node does not have`);
  const refused = (why: string): UnrunnableReason => ({
    cause: 'class-version',
    status: 'ERROR_SYSTEM',
    message: `The task was saved by ${from} and cannot go on under version ${version}: ${why.replace(/\.$/, '')}.`,
  });
  try {
    draft.memory = migrated(
      writesInTime(draft.openMemory(), (memory) =>
        runClassCode(kind, 'migrate', () => migration.migrate(Number(row.classVersion), memory)),
      ),
    );
  } catch (error) {
    return refused(messageOf(error));
  }
  const [unsaved] = draft.removeUnstorable();
  if (unsaved !== undefined) return refused(unsaved);
  draft.memory = copyOf(draft.memory) as Bag;
  draft.classVersion = String(version);
  draft.log(LOG_LEVEL.INFO, `The task was saved by ${from} and goes on under version ${version}.`, false);
  return null;
}

/** Runs `work` with the memory. Leftover code of `work` cannot write into the memory later, when the task has gone on. */
function writesInTime(memory: Bag, work: (memory: Bag) => unknown): unknown {
  let isOver = false;
  const refuseLateWrite = (path: string): never => {
    throw new Error(`${path} was written when "migrate" was over: nobody waits for a migration`);
  };
  const savedJson = new SavedJsonView({
    get isOver() {
      return isOver;
    },
    refuseLateWrite,
  });
  try {
    return unwrapView(work(savedJson.of(memory, 'memory')));
  } finally {
    isOver = true;
    savedJson.replaceByCopies();
  }
}

function migrated(memory: unknown): Record<string, unknown> {
  const why = whyNoMemory(memory);
  if (why === null) return memory as Record<string, unknown>;
  throw new Error(`what its migration returned for the memory ${why}`);
}

/**
 * Returns why the task is assumed to kill its nodes; null when it is not. Waits for one lease first, because nodes that were only
 * cut off or slow notice within a lease that they have lost the task, and report it.
 */
export async function whyBlamedForNodeLoss(
  deps: Pick<StepDeps, 'store' | 'clock' | 'leaseSeconds'>,
  row: ClaimedTask,
  lease: TaskLease,
  abort: AbortSignal,
): Promise<UnrunnableReason | null> {
  if (row.takeovers < TAKEOVERS_TO_BLAME || !row.isTakeover) return null;
  await deps.clock.sleep(deps.leaseSeconds * 1000, abort);
  if (abort.aborted) throw new LeaveTask('stopping');
  const takeovers = await deps.store.countTakeovers(lease);
  if (takeovers === null) throw new LeaveTask('lost');
  if (takeovers < TAKEOVERS_TO_BLAME) return null;
  const name = row.entering ?? row.state;
  const state = name === null ? 'its first step' : `the state ${name}`;
  const { brokenBy } = row.contexts.engine ?? {};
  const happened =
    brokenBy === undefined
      ? `${takeovers} nodes in a row were lost in ${state}`
      : `${takeovers} steps in a row failed in ${state} and could not be saved, the last one with "${singleLine(brokenBy)}"`;
  return { cause: 'poison', status: 'ERROR_SYSTEM', message: `${happened}, so the task is not tried again.` };
}
