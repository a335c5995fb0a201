import { AwsError } from '../protocol/aws-error.ts';

/*
 * The cluster query language of ECS ("Create expressions to define container instances" of the developer guide):
 *
 *   any     = all ( ("||" | "or") all )*
 *   all     = single ( ("&&" | "and") single )*
 *   single  = ("!" | "not")? "(" any ")" | subject operator argument?
 */

/** What an expression can ask of a container instance. */
export interface QueriedInstance {
  readonly agentConnected: boolean;
  readonly ec2InstanceId: string;
  readonly registeredAt: string;
  readonly runningTasksCount: number;
  readonly attributes: ReadonlyMap<string, string>;
  /** Groups of the tasks that it has. */
  readonly taskGroups: ReadonlySet<string>;
}

export type ClusterQuery = (instance: QueriedInstance) => boolean;

type Values = (instance: QueriedInstance) => readonly string[];
type Test = (values: readonly string[], wanted: readonly string[]) => boolean;

/** "A cluster query language expression is limited to 2000 characters" (API reference, PlacementConstraint). */
const MAX_CHARACTERS = 2_000;

const FIELDS: Readonly<Record<string, Values>> = {
  // The machines here have no ECS agent, so it has no version.
  agentVersion: () => [],
  agentConnected: ({ agentConnected }) => [String(agentConnected)],
  ec2InstanceId: ({ ec2InstanceId }) => [ec2InstanceId],
  registeredAt: ({ registeredAt }) => [registeredAt],
  runningTasksCount: ({ runningTasksCount }) => [String(runningTasksCount)],
  'task:group': ({ taskGroups }) => [...taskGroups],
};

const equals: Test = (values, [wanted]) => values.some((value) => value === wanted);
const isIn: Test = (values, wanted) => values.some((value) => wanted.includes(value));
const matches: Test = (values, [pattern = '']) => values.some((value) => new RegExp(`^(?:${pattern})$`).test(value));
const ordered =
  (fits: (order: number) => boolean): Test =>
  (values, [wanted = '']) =>
    values.some((value) => fits(compare(value, wanted)));
const not =
  (test: Test): Test =>
  (values, wanted) =>
    !test(values, wanted);

type Argument = 'none' | 'one' | 'list' | 'pattern';
const OPERATORS: ReadonlyMap<string, { readonly test: Test; readonly argument: Argument }> = new Map([
  ...named(['==', 'equals'], equals, 'one'),
  ...named(['!=', 'not_equals'], not(equals), 'one'),
  ...named(
    ['>', 'greater_than'],
    ordered((order) => order > 0),
    'one',
  ),
  ...named(
    ['>=', 'greater_than_equal'],
    ordered((order) => order >= 0),
    'one',
  ),
  ...named(
    ['<', 'less_than'],
    ordered((order) => order < 0),
    'one',
  ),
  ...named(
    ['<=', 'less_than_equal'],
    ordered((order) => order <= 0),
    'one',
  ),
  ...named(['exists'], (values) => values.length > 0, 'none'),
  ...named(['!exists', 'not_exists'], (values) => values.length === 0, 'none'),
  ...named(['in'], isIn, 'list'),
  ...named(['!in', 'not_in'], not(isIn), 'list'),
  ...named(['=~', 'matches'], matches, 'pattern'),
  ...named(['!~', 'not_matches'], not(matches), 'pattern'),
]);

function named(names: readonly string[], test: Test, argument: Argument) {
  return names.map((name) => [name, { test, argument }] as const);
}

/** Numbers and times are compared by their size, all else as text. */
function compare(value: string, wanted: string): number {
  const [one, other] = [sizeOf(value), sizeOf(wanted)];
  if (one !== null && other !== null) return one - other;
  return value < wanted ? -1 : value > wanted ? 1 : 0;
}

function sizeOf(text: string): number | null {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text)) ? Date.parse(text) : null;
}

// A pattern of callers must not hold up local ECS. A repeated group can take exponential time, and three repetitions of one
// character over the 128 characters of a value take two million steps.
const REPEATED_GROUP = /\)[*+{]/;
const MAX_REPETITIONS = 3;

// A subject and an argument are words. `!exists` and `!in` are words as well, and `!` before a parenthesis is none.
const TOKEN = /\s*(&&|\|\||==|!=|>=|<=|=~|!~|!exists\b|!in\b|[()[\],<>!]|[^\s()[\],<>!=&|~]+)/y;

/** Parses an expression. Throws `type` with what is wrong with it. */
export function parseClusterQuery(
  expression: string,
  type: 'InvalidParameterException' | 'ClientException' = 'InvalidParameterException',
): ClusterQuery {
  if (expression.length > MAX_CHARACTERS) throw new AwsError(type, `expression longer than ${MAX_CHARACTERS}.`);
  const reader = new Reader(expression, type);
  const query = any(reader);
  if (reader.peek() !== null) throw reader.fault(`"${reader.peek()}" is not expected`);
  return query;
}

class Reader {
  readonly #text: string;
  readonly #type: string;
  #at = 0;

  constructor(text: string, type: string) {
    this.#text = text;
    this.#type = type;
  }

  fault(what: string): AwsError {
    return new AwsError(this.#type, `The expression "${this.#text}" is not valid: ${what}.`);
  }

  peek(): string | null {
    TOKEN.lastIndex = this.#at;
    const found = TOKEN.exec(this.#text)?.[1];
    if (found === undefined && this.#text.slice(this.#at).trim() !== '') {
      throw this.fault(`"${this.#text.slice(this.#at).trim()}" is not expected`);
    }
    return found ?? null;
  }

  take(what: string): string {
    const token = this.peek();
    if (token === null) throw this.fault(`${what} is missing at its end`);
    this.#at = TOKEN.lastIndex;
    return token;
  }

  takeIf(...wanted: readonly string[]): boolean {
    const isWanted = wanted.includes(this.peek() ?? '');
    if (isWanted) this.take('');
    return isWanted;
  }

  expect(wanted: string): void {
    if (this.take(`"${wanted}"`) !== wanted) throw this.fault(`"${wanted}" is missing`);
  }

  /** A pattern may hold what is a token elsewhere, parentheses included, and ends at a blank. */
  takePattern(): string {
    const [whole = '', pattern = ''] = /^\s*(\S+)/.exec(this.#text.slice(this.#at)) ?? [];
    const count = (character: string): number => pattern.split(character).length - 1;
    const surplus = Math.max(0, count(')') - count('('));
    const own = surplus > 0 && pattern.endsWith(')'.repeat(surplus)) ? pattern.slice(0, -surplus) : pattern;
    if (own === '') throw this.fault('a pattern is missing');
    if (REPEATED_GROUP.test(own) || (own.match(/[*+{]/g) ?? []).length > MAX_REPETITIONS) {
      throw this.fault(`local ECS takes patterns with ${MAX_REPETITIONS} repetitions at most, and none of a group`);
    }
    this.#at += whole.length - (pattern.length - own.length);
    try {
      new RegExp(own);
    } catch {
      throw this.fault(`"${own}" is no pattern`);
    }
    return own;
  }
}

function any(reader: Reader): ClusterQuery {
  const parts = [all(reader)];
  while (reader.takeIf('||', 'or')) parts.push(all(reader));
  return (instance) => parts.some((part) => part(instance));
}

function all(reader: Reader): ClusterQuery {
  const parts = [single(reader)];
  while (reader.takeIf('&&', 'and')) parts.push(single(reader));
  return (instance) => parts.every((part) => part(instance));
}

function single(reader: Reader): ClusterQuery {
  if (reader.takeIf('!', 'not')) {
    reader.expect('(');
    const inner = grouped(reader);
    return (instance) => !inner(instance);
  }
  return reader.takeIf('(') ? grouped(reader) : comparison(reader);
}

function grouped(reader: Reader): ClusterQuery {
  const inner = any(reader);
  reader.expect(')');
  return inner;
}

function comparison(reader: Reader): ClusterQuery {
  const values = subjectOf(reader, reader.take('a subject'));
  const name = reader.take('an operator');
  const operator = OPERATORS.get(name);
  if (!operator) throw reader.fault(`"${name}" is no operator`);
  const wanted = argumentsOf(reader, operator.argument);
  return (instance) => operator.test(values(instance), wanted);
}

function subjectOf(reader: Reader, subject: string): Values {
  const attribute = /^attribute:(.+)$/.exec(subject)?.[1];
  if (attribute !== undefined) {
    return ({ attributes }) => (attributes.has(attribute) ? [attributes.get(attribute) ?? ''] : []);
  }
  const field = Object.hasOwn(FIELDS, subject) ? FIELDS[subject] : undefined;
  if (!field) throw reader.fault(`"${subject}" is no subject`);
  return field;
}

function argumentsOf(reader: Reader, argument: Argument): readonly string[] {
  if (argument === 'none') return [];
  if (argument === 'pattern') return [reader.takePattern()];
  if (argument === 'one') return [wordOf(reader)];
  reader.expect('[');
  const words = [wordOf(reader)];
  while (reader.takeIf(',')) words.push(wordOf(reader));
  reader.expect(']');
  return words;
}

function wordOf(reader: Reader): string {
  const word = reader.take('an argument');
  if (/^[()[\],<>!]$|^(&&|\|\||==|!=|>=|<=|=~|!~)$/.test(word)) throw reader.fault(`"${word}" is no argument`);
  return word;
}
