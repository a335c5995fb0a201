import * as sdk from '@aws-sdk/client-ecs';
import type { ConfigPath } from '../config/yaml-source.ts';

/**
 * What RegisterTaskDefinition and RunTask take, as the SDK's own model has it: names and types of their members, but no
 * lengths and no enumerations. A newer SDK knows newer members, so nothing has to be kept up to date by hand.
 */
type Schema = number | string | (() => unknown) | readonly unknown[];

const KIND = { list: 1, map: 2, structure: 3 } as const;
// Simple types are numbers; 64 and 128 are added for a list and a map of one.
const SIMPLE: Readonly<Record<number, string>> = { 0: 'text', 1: 'number', 2: 'true or false' };
const TYPE_OF: Readonly<Record<number, string>> = { 0: 'string', 1: 'number', 2: 'boolean' };
const LIST_OF = 64;
const MAP_OF = 128;

const model = sdk as unknown as Readonly<Record<string, readonly unknown[] | undefined>>;

export type ModelledRequest = 'RegisterTaskDefinition' | 'RunTask';

/** Returns the names that ECS takes at this path of the request; null where it takes any, or where no path leads. */
export function membersAt(request: ModelledRequest, path: ConfigPath): readonly string[] | null {
  const schema = schemaAt(inputOf(request), path);
  return Array.isArray(schema) && schema[0] === KIND.structure ? (schema[4] as readonly string[]) : null;
}

/** Returns what is wrong with the types of a value at this path; empty when nothing is. */
export function typeFaults(
  request: ModelledRequest,
  path: ConfigPath,
  value: unknown,
): readonly { readonly path: ConfigPath; readonly message: string }[] {
  const schema = schemaAt(inputOf(request), path);
  return schema === null ? [] : findFaults(schema, value, path);
}

function inputOf(request: ModelledRequest): Schema {
  const operation = model[`${request}$`];
  if (!operation) throw new Error(`the SDK's model has no operation ${request}`);
  return operation[4] as Schema;
}

/** Follows references, and leaves out the traits of a type. */
function resolved(schema: Schema): Schema {
  if (typeof schema === 'function') return resolved(schema() as Schema);
  if (Array.isArray(schema)) {
    if (schema.length === 2) return resolved(schema[0] as Schema);
    // A text with traits of its own, such as one that is not to be logged.
    if (schema[0] === 0) return resolved(schema[4] as Schema);
  }
  return schema;
}

function schemaAt(from: Schema, path: ConfigPath): Schema | null {
  const schema = resolved(from);
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const member = memberOf(schema, String(key));
  return member === null ? null : schemaAt(member, rest);
}

function memberOf(schema: Schema, key: string): Schema | null {
  if (typeof schema === 'number') {
    if (schema >= MAP_OF) return schema - MAP_OF;
    return schema >= LIST_OF && /^\d+$/.test(key) ? schema - LIST_OF : null;
  }
  if (!Array.isArray(schema)) return null;
  if (schema[0] === KIND.list) return /^\d+$/.test(key) ? (schema[4] as Schema) : null;
  if (schema[0] === KIND.map) return schema[5] as Schema;
  if (schema[0] !== KIND.structure) return null;
  const index = (schema[4] as readonly string[]).indexOf(key);
  return index < 0 ? null : ((schema[5] as readonly Schema[])[index] ?? null);
}

type Fault = { readonly path: ConfigPath; readonly message: string };

function findFaults(from: Schema, value: unknown, path: ConfigPath): readonly Fault[] {
  const schema = resolved(from);
  const [wanted, entries] = shapeOf(schema, value);
  if (entries === null) return [{ path, message: `expected ${wanted}` }];
  return entries.flatMap(([key, each]) => {
    const member = memberOf(schema, String(key));
    if (member === null) return [{ path: [...path, key], message: 'is not known to Amazon ECS' }];
    return findFaults(member, each, [...path, key]);
  });
}

/** Returns what is expected, and the parts of the value when it is of that kind; null when it is not. */
function shapeOf(schema: Schema, value: unknown): [string, [string | number, unknown][] | null] {
  const isList = typeof schema === 'number' ? schema >= LIST_OF && schema < MAP_OF : schema[0 as never] === KIND.list;
  if (isList) return ['a list', Array.isArray(value) ? [...(value as unknown[]).entries()] : null];
  if (typeof schema === 'number' && schema < LIST_OF) {
    return [SIMPLE[schema] ?? 'a value', typeof value === TYPE_OF[schema] ? [] : null];
  }
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  return ['a mapping', isMapping ? Object.entries(value) : null];
}
