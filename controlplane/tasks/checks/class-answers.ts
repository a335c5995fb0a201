import { z } from 'zod';
import { Name } from '../../../shared/model/identifier.ts';
import { PRIORITY, type Priority } from '../../../shared/model/status.ts';
import { classNameOf } from '../../../shared/text/class-name.ts';
import { fieldProblems, fieldProblemText, sayProblem } from '../../../shared/text/field-problems.ts';
import { knownWord } from '../../../shared/text/known-word.ts';
import { instead } from '../../../shared/text/nearest-name.ts';

// What a class may say of a task outside of its methods. The linter, a node that starts and the engine hold its answers to
// the same schemas. Nothing waits for an answer: a promise is a mistake.

const PriorityWord = knownWord(Object.keys(PRIORITY) as [Priority, ...Priority[]]);

const SIZES = {
  cpu: z.number().positive().optional(),
  memoryMib: z.number().positive().optional(),
  storageGib: z.number().positive().optional(),
};

/** The answers by the member that gives them. */
export const ClassAnswers = z.object({
  title: z.string(),
  group: z.string(),
  priority: PriorityWord,
  clusters: z.array(z.string()),
  containerSize: plain(z.strictObject(SIZES)),
  workId: z.string(),
  interrupted: knownWord(['run-again', 'fail']),
});

/** Why a text is no name of a group; null for one that is. A class may derive its group from an option, which is arbitrary text. */
export function whyNoGroup(group: string): string | null {
  const checked = Name.safeParse(group);
  return checked.success ? null : checked.error.issues.map(({ message }) => message).join('; ');
}

/** An object of fields. One of a class would pass for an object without any. */
export function plain<T extends z.ZodObject>(schema: T) {
  return z.custom((value) => classNameOf(value) === null, { error: sayOfAnswer }).pipe(schema);
}

/** The words for an answer that cannot be used: to be given as `error` of a `safeParse`. */
export function sayOfAnswer(issue: z.core.$ZodRawIssue): string {
  const className = classNameOf(issue.input);
  if (!(issue.input instanceof Promise)) return className === null ? sayProblem(issue) : `is a ${className}`;
  // The rejection of this promise is a consequence of the mistake that is told here.
  void issue.input.catch(() => undefined);
  return 'is a promise, and nobody waits for it: take the word "async" away';
}

/** Returns a clause for each problem of an answer. `member`: what was asked for, where the path of a problem does not name it. `below`: what all paths begin with. */
export function problemsOfAnswer(error: z.ZodError, member: string, below = ''): string[] {
  return fieldProblems(error, below).map(({ path, message }) => {
    const size = /^containerSize\.([^.]+)$/.exec(path)?.[1];
    const names = size !== undefined && message === 'is not known' ? instead(size, Object.keys(SIZES)) : '';
    return fieldProblemText({ path: path || member, message: `${message}${names}` });
  });
}

/** Returns why what a migration has returned is no memory of a task; null for one that is. */
export function whyNoMemory(memory: unknown): string | null {
  if (memory instanceof Promise) {
    // The rejection of this promise is a consequence of the mistake that is told here.
    void memory.catch(() => undefined);
    return 'is a promise, and is not waited for';
  }
  const isPlain =
    typeof memory === 'object' && memory !== null && !Array.isArray(memory) && classNameOf(memory) === null;
  return isPlain ? null : 'is no plain object';
}
