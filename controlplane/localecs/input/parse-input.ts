import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';

/** The names of JSON's types in a SerializationException. */
const TOKENS: Readonly<Record<string, string>> = {
  string: 'STRING_VALUE',
  number: 'NUMBER_VALUE',
  boolean: 'BOOLEAN_VALUE',
  array: 'START_ARRAY',
  object: 'START_OBJECT',
  null: 'NULL_VALUE',
};
/** The protocol's names of what zod expects. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a String',
  number: 'an Integer',
  int: 'an Integer',
  boolean: 'a Boolean',
  array: 'a List',
  object: 'a Structure',
  record: 'a Map',
};

type Issue = z.core.$ZodIssue;

/**
 * Parses the input of an action. Throws what ECS answers: a SerializationException for a wrong type, and `invalidType` with
 * a sentence about the field for a wrong value.
 */
export function parseInput<T>(
  schema: z.ZodType<T>,
  input: unknown,
  invalidType: 'ClientException' | 'InvalidParameterException' = 'InvalidParameterException',
): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw inputError(parsed.error, input, invalidType);
}

/** Returns what is wrong with an input, in a sentence; null when nothing is. */
export function whyInvalid(schema: z.ZodType, input: unknown): string | null {
  const parsed = schema.safeParse(input);
  return parsed.success ? null : inputError(parsed.error, input, '').message;
}

function inputError({ issues: [issue] }: z.ZodError, input: unknown, invalidType: string): AwsError {
  if (!issue) throw new Error('zod refuses without an issue');
  const value = valueAt(input, issue.path);
  const field = fieldName(issue.path);
  if (value === undefined && issue.code !== 'unrecognized_keys') {
    return new AwsError(invalidType, `${field} can not be blank.`);
  }
  const wanted = wantedType(issue);
  if (wanted !== null) {
    const token = TOKENS[kindOf(value)] ?? 'The value';
    const start = issue.path.length === 0 ? 'The request' : `The field ${field}`;
    return new AwsError('SerializationException', `${start}: ${token} can not be converted to ${wanted}`);
  }
  return new AwsError(invalidType, sentenceOf(issue, field));
}

/** Returns the type that was expected where the type is what is wrong; null where it is the value. */
function wantedType(issue: Issue): string | null {
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? 'a value of another type';
  // A number outside of 32 bits, or with a fraction, is no Integer of the protocol.
  const isOfNumber = issue.code === 'too_big' || issue.code === 'too_small';
  return isOfNumber && (issue.origin === 'number' || issue.origin === 'int') ? 'an Integer' : null;
}

function sentenceOf(issue: Issue, field: string): string {
  switch (issue.code) {
    case 'invalid_value':
      return `${field} should be one of [${issue.values.map(String).join(',')}]`;
    case 'too_big':
      return issue.origin === 'array'
        ? `${field} can have at most ${String(issue.maximum)} items.`
        : `${field} longer than ${String(issue.maximum)}.`;
    case 'too_small':
      return issue.origin === 'array' ? `${field} cannot be empty.` : `${field} can not be blank.`;
    case 'invalid_format':
      return `${field} contains invalid characters.`;
    case 'unrecognized_keys':
      return `${field} has no member ${issue.keys.join(', ')}.`;
    default:
      return `${field} is not valid.`;
  }
}

/** Returns the path as people write it: `containerDefinitions[0].cpu`. */
function fieldName(path: Issue['path']): string {
  const parts = path.map((part, index) =>
    typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
  );
  return parts.join('') || 'The request';
}

function valueAt(input: unknown, path: Issue['path']): unknown {
  return path.reduce<unknown>(
    (holder, key) =>
      typeof holder === 'object' && holder !== null ? new Map(Object.entries(holder)).get(String(key)) : undefined,
    input,
  );
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
