import * as sdk from '@aws-sdk/client-ecs';

/**
 * The service model of ECS as the SDK carries it (`RunTask$` …), read as plain data: what a request and an answer may
 * hold. It knows names and types of members and which of a request's are required, but no lengths and no enumerations.
 */
type Schema = number | string | (() => unknown) | readonly unknown[];
/** Kind, namespace, name, traits, input and output. */
export type OperationModel = readonly unknown[];

const KIND = { list: 1, map: 2, structure: 3, error: -3, operation: 9 } as const;
// Simple types of a schema are numbers; 64 and 128 are added for a list and a map of one.
const SIMPLE: Readonly<Record<number, string>> = { 0: 'string', 1: 'number', 2: 'boolean', 4: 'timestamp' };
const LIST_OF = 64;
const MAP_OF = 128;

const model = sdk as unknown as Readonly<Record<string, readonly unknown[] | undefined>>;

/** Returns what is wrong with the body of a request of this operation; empty when nothing is. */
export function findRequestFaults(operation: string, body: unknown): readonly string[] {
  return requestFaults(operationOf(operation), body);
}

/** Returns what is wrong with the body of an answer of this operation; empty when nothing is. */
export function findAnswerFaults(operation: string, body: unknown): readonly string[] {
  return answerFaults(operationOf(operation), body);
}

/** As `findRequestFaults`, for an operation of any service. */
export function requestFaults(operation: OperationModel, body: unknown): readonly string[] {
  return findFaults(operation[4] as Schema, body, String(operation[2]), 'request');
}

export function answerFaults(operation: OperationModel, body: unknown): readonly string[] {
  return findFaults(operation[5] as Schema, body, String(operation[2]), 'answer');
}

function operationOf(name: string): OperationModel {
  const operation = model[`${name}$`];
  if (operation?.[0] !== KIND.operation) throw new Error(`the SDK's model has no operation ${name}`);
  return operation;
}

function findFaults(schema: Schema, value: unknown, path: string, of: 'request' | 'answer'): readonly string[] {
  if (typeof schema === 'function') return findFaults(schema() as Schema, value, path, of);
  if (typeof schema === 'number') return simpleFaults(schema, value, path, of);
  if (typeof schema === 'string' || !Array.isArray(schema)) return [];
  // A type with traits stands in a list of two.
  if (schema.length === 2) return findFaults(schema[0] as Schema, value, path, of);
  switch (schema[0]) {
    case 0:
      // A string with traits of its own, such as one that is not to be logged.
      return simpleFaults(schema[4] as number, value, path, of);
    case KIND.list:
      return listFaults(schema[4] as Schema, value, path, of);
    case KIND.map:
      return mapFaults(schema[5] as Schema, value, path, of);
    case KIND.structure:
    case KIND.error:
      return structureFaults(schema, value, path, of);
    default:
      throw new Error(`the type ${JSON.stringify(schema[0])} at ${path} is not one that this reader knows`);
  }
}

function simpleFaults(schema: number, value: unknown, path: string, of: 'request' | 'answer'): readonly string[] {
  if (schema >= MAP_OF) return mapFaults(schema - MAP_OF, value, path, of);
  if (schema >= LIST_OF) return listFaults(schema - LIST_OF, value, path, of);
  const wanted = SIMPLE[schema];
  if (wanted === undefined) throw new Error(`the simple type ${schema} at ${path} is not one that this reader knows`);
  const isRight = wanted === 'timestamp' ? typeof value === 'number' : typeof value === wanted;
  return isRight ? [] : [`${path} is ${JSON.stringify(value)} and not a ${wanted}`];
}

function listFaults(member: Schema, value: unknown, path: string, of: 'request' | 'answer'): readonly string[] {
  if (!Array.isArray(value)) return [`${path} is no list`];
  return value.flatMap((each: unknown, index) => findFaults(member, each, `${path}[${index}]`, of));
}

function mapFaults(member: Schema, value: unknown, path: string, of: 'request' | 'answer'): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no map`];
  return Object.entries(value).flatMap(([name, each]) => findFaults(member, each, `${path}.${name}`, of));
}

function structureFaults(
  schema: readonly unknown[],
  value: unknown,
  path: string,
  of: 'request' | 'answer',
): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no structure`];
  const names = schema[4] as readonly string[];
  const types = schema[5] as readonly Schema[];
  const given = Object.entries(value);
  const required = of === 'request' ? names.slice(0, Number(schema[6] ?? 0)) : [];
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${path} lacks ${name}`),
    ...given.flatMap(([name, each]) => {
      const index = names.indexOf(name);
      return index < 0 ? [`${path} has no member ${name}`] : findFaults(types[index]!, each, `${path}.${name}`, of);
    }),
  ];
}
