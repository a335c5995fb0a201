import { z } from 'zod';
import { sayProblem } from '../../shared/text/field-problems.ts';
import { instead } from '../../shared/text/nearest-name.ts';
import { shown } from '../../shared/text/shown-value.ts';
import { findClassObjects, findUnreadable } from './find-class-objects.ts';
import { namesAt } from './schema-names.ts';
import { TestkitError } from './testkit-error.ts';

type Issue = z.core.$ZodIssue;

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** How much it says: a problem deep inside of one form tells more than that no form fits. */
  readonly weight: number;
}

/** Parses what a test gives. Throws TestkitError with each wrong field, its value and what is allowed there. */
export function parseGiven<T>(what: string, schema: z.ZodType<T>, given: unknown): T {
  try {
    return parseReadable(what, schema, given);
  } catch (error) {
    const unreadable = error instanceof TestkitError ? null : findUnreadable(given);
    if (unreadable === null) throw error;
    const { path, why } = unreadable;
    const subject = path.length === 0 ? 'it' : `${path.join('.')}:`;
    throw new TestkitError(`${what} not valid: ${subject} cannot be read (${why}); give plain objects and values`);
  }
}

function parseReadable<T>(what: string, schema: z.ZodType<T>, given: unknown): T {
  const objects = findClassObjects(schema, given).map(({ path, className }) => {
    const sentence = `it is an object of the class ${className}; give a plain object of fields`;
    return path.length === 0 ? sentence : `${path.join('.')}: ${sentence.slice('it '.length)}`;
  });
  if (objects.length > 0) throw new TestkitError(`${what} not valid: ${objects.join('; ')}`);
  const parsed = schema.safeParse(given, { error: sayGiven });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, [], schema));
  const sentences = problems.map(({ path, message }) => {
    if (path.length > 0) return `${path.join('.')}: ${message}`;
    return message === 'is missing' ? 'nothing was given' : message;
  });
  throw new TestkitError(`${what} not valid: ${sentences.join('; ')}`);
}

function sayGiven(issue: z.core.$ZodRawIssue): string {
  const problem = sayProblem(issue);
  return issue.input === undefined || issue.code === 'invalid_key'
    ? problem
    : `${problem}, and is ${shown(issue.input)}`;
}

function problemsOf(issue: Issue, above: readonly PropertyKey[], schema: z.ZodType): Problem[] {
  const path = [...above, ...issue.path];
  const own: Problem = { path, message: issue.message, weight: path.length + (issue.code === 'custom' ? 1 : 0) };
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(schema, path);
    return issue.keys.map((key) => {
      const message = `is not known${instead(key, known)}`;
      return { path: [...path, key], message, weight: path.length + 1 };
    });
  }
  if (issue.code !== 'invalid_union') return [own];
  return bestOf(issue, path, schema) ?? [own];
}

/** Returns the problems of the form that was probably meant, and the words that would do instead. */
function bestOf(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: readonly PropertyKey[],
  schema: z.ZodType,
): Problem[] | null {
  const forms = issue.errors.map((errors) => errors.flatMap((error) => problemsOf(error, path, schema)));
  const weightOf = (form: readonly Problem[]): number => Math.max(0, ...form.map(({ weight }) => weight));
  const [best] = forms.toSorted((one, other) => weightOf(other) - weightOf(one));
  if (!best || best.length === 0) return null;
  const words = issue.errors.flatMap((errors) => errors.flatMap((error) => wordsOf(error)));
  const [only] = best;
  if (best.length > 1 || words.length === 0 || !only!.message.includes('is no duration')) return best;
  return [{ ...only!, message: `${only!.message}, or ${words.map((word) => shown(word)).join(', ')}` }];
}

function wordsOf(issue: Issue): readonly unknown[] {
  return issue.code === 'invalid_value' && issue.path.length === 0 ? issue.values : [];
}
