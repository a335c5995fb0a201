import { z } from 'zod';
import type { Logger } from '../../../../shared/system/logger.ts';
import { askClass } from '../../../engine/ask-class.ts';
import type { TaskCommits, TaskFacts } from '../../../tasks/basic-wip.ts';
import type { WipClass } from '../../../tasks/wip-class.ts';
import { plain } from '../../../tasks/checks/class-answers.ts';

const Commits = plain(z.object({ builtCommit: z.string().nullable(), artefactCommit: z.string().nullable() }));

const NO_COMMITS: TaskCommits = { builtCommit: null, artefactCommit: null };

interface RecordedTask extends TaskFacts<object> {
  readonly id: number;
  readonly kind: string;
  readonly memory: Readonly<Record<string, unknown>>;
}

interface CommitsDeps {
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly log: Pick<Logger, 'debug'>;
}

/** Returns the commits of a build as the task's class reports them. If the class throws, the task must still be shown. */
export function readCommits(
  { kinds, log }: CommitsDeps,
  { id, kind, uuid, options, memory }: RecordedTask,
): TaskCommits {
  const wipClass = kinds.get(kind);
  if (!wipClass) return NO_COMMITS; // the class of the task is not on this node
  try {
    return askClass({ kind, member: 'commits', schema: Commits }, () =>
      wipClass.create({ uuid, options }).commits(memory),
    );
  } catch (error) {
    log.debug({ err: error, taskId: id }, 'the class of a task does not say what it has built');
    return NO_COMMITS;
  }
}
