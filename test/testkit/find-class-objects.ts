import { z } from 'zod';
import { messageOf } from '../../shared/model/error.ts';
import { classNameOf } from '../../shared/text/class-name.ts';
import { below, formsOf } from './schema-names.ts';

interface ClassObject {
  readonly path: readonly string[];
  readonly className: string;
}

// What a test gives is flat. Deeper, the schema says where to look, and does not follow what has any form.
const MOST_LEVELS = 8;

/**
 * Finds objects of a class, such as a Map or a promise that is not awaited, where fields are expected. They have no fields of
 * their own, so that a schema takes them for objects that leave all out.
 */
export function findClassObjects(schema: z.core.$ZodType, given: unknown): readonly ClassObject[] {
  // Nearly always there is none, and scripts of many runs are parsed one by one.
  return holdsClassObject(given, MOST_LEVELS) ? [...within(formsOf(schema), given, [])] : [];
}

/** Finds what throws when it is read, such as a getter or a Proxy; null when all of it can be read. */
export function findUnreadable(
  given: unknown,
  path: readonly string[] = [],
): { readonly path: readonly string[]; readonly why: string } | null {
  if (typeof given !== 'object' || given === null || path.length > MOST_LEVELS) return null;
  let names: readonly string[];
  try {
    Object.getPrototypeOf(given);
    Array.isArray(given);
    names = Object.keys(given);
  } catch (error) {
    return { path, why: messageOf(error) };
  }
  for (const name of names) {
    const below = readAt(given, [...path, name]);
    if (below) return below;
  }
  return null;
}

function readAt(holder: object, path: readonly string[]): ReturnType<typeof findUnreadable> {
  try {
    return findUnreadable((holder as Record<string, unknown>)[path.at(-1)!], path);
  } catch (error) {
    return { path, why: messageOf(error) };
  }
}

function holdsClassObject(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0 || classNameOf(value) !== null) return true;
  return Object.values(value).some((item) => holdsClassObject(item, levels - 1));
}

function* within(
  forms: readonly z.core.$ZodType[],
  value: unknown,
  path: readonly string[],
): Generator<ClassObject, void, undefined> {
  if (typeof value !== 'object' || value === null || forms.length === 0) return;
  const className = classNameOf(value);
  if (className !== null) {
    if (forms.some((form) => form instanceof z.ZodObject || form instanceof z.ZodRecord)) yield { path, className };
    return;
  }
  for (const [name, item] of Object.entries(value)) {
    const formsOfItem = forms.flatMap((form) => below(form, name)).flatMap(formsOf);
    yield* within(formsOfItem, item, [...path, name]);
  }
}
