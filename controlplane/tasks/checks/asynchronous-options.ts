import { z } from 'zod';

type Schema = z.core.$ZodType;
type Fields = Readonly<Record<string, unknown>>;

/** What to do about options whose schema has to wait for something: options are parsed at once, wherever a task is added. */
export const NOT_ASYNCHRONOUS = 'Check without a promise in the schema, and do what takes time in a state of the class';

/** Returns the names of the options whose schema has code that is `async`, as far as that can be seen without running it. */
export function asynchronousOptions(schema: Schema): readonly string[] {
  return optionsOf(schema).flatMap(([name, field]) => (hasAsynchronousCode(field, new Set()) ? [name] : []));
}

/** Returns the names of the options whose schema waited for something when it parsed these values. */
export function optionsThatWait(schema: Schema, given: unknown): readonly string[] {
  const values = (typeof given === 'object' && given !== null ? given : {}) as Fields;
  return optionsOf(schema).flatMap(([name, field]) => (waitsFor(field, values[name]) ? [name] : []));
}

function optionsOf(schema: Schema): readonly (readonly [string, Schema])[] {
  return schema instanceof z.ZodObject ? Object.entries(schema.shape) : [];
}

function waitsFor(field: Schema, value: unknown): boolean {
  try {
    z.safeParse(field, value);
    return false;
  } catch (error) {
    return error instanceof z.core.$ZodAsyncError;
  }
}

/** Looks at everything a schema is made of: its checks, its functions and the schemas in it. */
function hasAsynchronousCode(part: unknown, seen: Set<unknown>): boolean {
  if (typeof part === 'function') return part.constructor.name === 'AsyncFunction';
  if (typeof part !== 'object' || part === null || seen.has(part)) return false;
  seen.add(part);
  if (Array.isArray(part)) return part.some((one) => hasAsynchronousCode(one, seen));
  if (part instanceof z.ZodPromise) return true;
  const internals = (part as { readonly _zod?: { readonly def: object; readonly check?: unknown } })._zod;
  const values = internals ? [internals.check, ...valuesOf(internals.def)] : valuesOf(part);
  return values.some((value) => hasAsynchronousCode(value, seen));
}

function valuesOf(part: object): readonly unknown[] {
  return Object.values(part) as unknown[];
}
