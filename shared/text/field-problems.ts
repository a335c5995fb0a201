import type { z } from 'zod';

/** A problem of one field of a value. */
export interface FieldProblem {
  /** `options.vcsPath`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

// A message that begins like this continues the field's name. Any other message is a sentence of its own, and follows a colon.
const PREDICATE = /^(is|are|must|may|has|have|had|cannot|belongs?|needs?)\b/;

/** Returns one problem for people: `port must be a number`, or `group: at most 128 characters`. */
export function fieldProblemText({ path, message }: FieldProblem): string {
  if (path === '') return message;
  return PREDICATE.test(message) ? `${path} ${message}` : `${path}: ${message}`;
}

type RawIssue = z.core.$ZodRawIssue;

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};
const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'an instant such as 2026-11-28T12:00:00Z',
  date: 'a date such as 2026-11-28',
  url: 'an address such as https://example.org',
  uuid: 'a UUID',
  base64: 'base64',
};

/**
 * Returns the message for people about a problem that zod found. Passed as `error` to `safeParse`; messages of the schema itself
 * take precedence.
 */
export function sayProblem(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return bound('at least', issue.minimum, issue);
    case 'too_big':
      return bound('at most', issue.maximum, issue);
    case 'invalid_format':
      return FORMATS[issue.format] ? `must be ${FORMATS[issue.format]}` : 'has a form that is not allowed';
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : `must be ${oneOf(issue.values)}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `is not known: ${issue.keys.join(', ')}`;
    case 'invalid_key':
      return 'has a name that is not allowed';
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : 'has none of the forms that are allowed';
    default:
      return 'is not valid';
  }
}

/** Returns a problem for each wrong field; an unknown field has its own path. What two checks say in the same words stands once. */
export function fieldProblems(error: z.ZodError, below = ''): FieldProblem[] {
  const told = new Set<string>();
  return problemsOf(error, below).filter((problem) => {
    const text = JSON.stringify([problem.path, problem.message]);
    if (told.has(text)) return false;
    told.add(text);
    return true;
  });
}

function problemsOf(error: z.ZodError, below: string): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    const path = [...(below === '' ? [] : [below]), ...issue.path.map(String)];
    if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
    return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not known' }));
  });
}

function bound(
  word: string,
  limit: number | bigint,
  { origin, inclusive, exact }: { origin: string; inclusive?: boolean; exact?: boolean },
): string {
  const amount = exact ? `exactly ${limit}` : `${word} ${limit}`;
  if (origin === 'string') return `must have ${amount} characters`;
  if (origin === 'array' || origin === 'set') return `must have ${amount} entries`;
  if (inclusive !== false) return `must be ${amount}`;
  return `must be ${word === 'at least' ? 'more' : 'less'} than ${limit}`;
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`;
}
