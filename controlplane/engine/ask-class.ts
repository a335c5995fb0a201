import { z } from 'zod';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import type { BasicWip } from '../tasks/basic-wip.ts';
import { problemsOfAnswer, ClassAnswers, sayOfAnswer } from '../tasks/checks/class-answers.ts';
import { runClassCode } from './method-scope.ts';

const LaunchAnswers = ClassAnswers.pick({ group: true, clusters: true, containerSize: true }).extend({
  kind: z.string(),
});

/** The answers of a class about the containers of one task. */
export type LaunchAnswers = z.infer<typeof LaunchAnswers>;

/** Asks a class for the clusters and the sizes of its containers. Throws OPTIONS_INVALID for an answer that no container can have. */
export function askForLaunch(wip: Pick<BasicWip, keyof LaunchAnswers>): LaunchAnswers {
  return askClass({ kind: wip.kind, member: 'clusters and containerSize', schema: LaunchAnswers }, () => {
    const { kind, group, clusters, containerSize } = wip;
    return { kind, group, clusters, containerSize };
  });
}

/**
 * Asks a class for the present title of a stored task. Returns `otherwise` when the class fails, which it did not when the task
 * was added.
 */
export function askForTitle(wip: Pick<BasicWip, 'kind' | 'title'>, otherwise: string): string {
  try {
    return askClass({ kind: wip.kind, member: 'title', schema: ClassAnswers.shape.title }, () => wip.title);
  } catch {
    return otherwise; // the title is for the log only
  }
}

interface Question<T> {
  readonly kind: string;
  /** The members that are read or called. */
  readonly member: string;
  readonly schema: z.ZodType<T>;
}

/**
 * Asks a class about a task, in the class's own scope, so that its unhandled errors are attributed to it. Throws OPTIONS_INVALID
 * when the class fails or its answer is invalid.
 */
export function askClass<T>({ kind, member, schema }: Question<T>, ask: () => unknown): T {
  const parsed = runOfClass(kind, member, () => schema.safeParse(ask(), { error: sayOfAnswer }));
  if (parsed.success) return parsed.data;
  throw new OperationalError('OPTIONS_INVALID', {
    happened: `The class of ${kind} says of this task what no task can have: ${problemsOfAnswer(parsed.error, member).join('; ')}`,
    remedy: 'Correct what the class returns for the named fields, or give them with the task',
    cause: parsed.error,
  });
}

/** Runs code of a class. An error is a mistake of the class with these options and not of the server, so it becomes OPTIONS_INVALID. */
export function runOfClass<T>(kind: string, member: string, work: () => T): T {
  try {
    return runClassCode(kind, member, work);
  } catch (error) {
    if (error instanceof OperationalError) throw error;
    throw new OperationalError('OPTIONS_INVALID', {
      happened: `The class of ${kind} failed with these options (${member}): ${messageOf(error).replace(/\.$/, '')}`,
      remedy: 'Correct the class, or give it options that it takes',
      cause: error,
    });
  }
}
