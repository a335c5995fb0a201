import { z } from 'zod';

type Schema = z.core.$ZodType;

// Wrappers of a schema that do not change which fields an object may have.
const WRAPPERS = [
  z.ZodOptional,
  z.ZodExactOptional,
  z.ZodNonOptional,
  z.ZodNullable,
  z.ZodDefault,
  z.ZodPrefault,
  z.ZodCatch,
  z.ZodReadonly,
  z.ZodLazy,
];

/** Returns the options that a schema names, however it is put together. `areAll`: the options of a task have no other names. */
export function namedOptions(schema: Schema): { readonly names: readonly string[]; readonly areAll: boolean } {
  const forms = [...formsOf(schema), ...outputsOf(schema)];
  const names = new Set(forms.flatMap(({ fields }) => [...fields.keys()]));
  return { names: [...names], areAll: forms.length > 0 && forms.every(({ others }) => others === 'none') };
}

/**
 * Returns the paths of the fields of `given` that the schema does not know, also of those that it drops without a word, as
 * `z.object` does. `z.looseObject` keeps them, and what becomes of them under `z.preprocess` is not known.
 */
export function unknownFields(schema: Schema, given: unknown): readonly (readonly string[])[] {
  if (typeof given !== 'object' || given === null) return [];
  if (Array.isArray(given)) return given.flatMap((item, at) => within(itemsOf(schema, at), item, String(at)));
  const forms = formsOf(schema);
  const taken = forms.length > 1 ? forms.filter((form) => form.takes(given)) : forms;
  const possible = taken.length > 0 ? taken : forms;
  if (possible.length === 0 || possible.some(({ others }) => others === 'any')) return [];
  return Object.entries(given).flatMap(([name, value]) => {
    const schemas = possible.flatMap(({ fields, others }) => fields.get(name) ?? (isList(others) ? others : []));
    return schemas.length > 0 ? within(schemas, value, name) : [[name]];
  });
}

/** Returns the paths that none of the schemas knows, of which each may be the one that takes the value. */
function within(schemas: readonly Schema[], value: unknown, name: string): (readonly string[])[] {
  const [first = [], ...more] = schemas.map((schema) => unknownFields(schema, value));
  const others = more.map((paths) => new Set(paths.map((path) => JSON.stringify(path))));
  const ofAll = first.filter((path) => others.every((known) => known.has(JSON.stringify(path))));
  return ofAll.map((path) => [name, ...path]);
}

/** A form of object that a schema takes. */
interface Form {
  readonly fields: ReadonlyMap<string, readonly Schema[]>;
  /** The schemas for fields of any other name; `any`: such fields are kept, or it is not known what becomes of them. */
  readonly others: readonly Schema[] | 'none' | 'any';
  takes(given: object): boolean;
}

function isList(others: Form['others']): others is readonly Schema[] {
  return typeof others !== 'string';
}

const OPEN: Form = { fields: new Map(), others: 'any', takes: () => true };
// Code of the author that takes, or makes, a value of any form.
const CODE = [z.ZodAny, z.ZodUnknown, z.ZodCustom, z.ZodTransform];

function formsOf(schema: Schema): readonly Form[] {
  return alternativesOf(schema).flatMap((one) => formOf(one) ?? []);
}

/** Returns the forms that a schema makes of its values, where that is told. */
function outputsOf(schema: Schema): readonly Form[] {
  return schema instanceof z.ZodPipe ? [...formsOf(schema.out), ...outputsOf(schema.out)] : [];
}

/** Returns the schemas one of which takes the value, without their wrappers. */
function alternativesOf(schema: Schema): readonly Schema[] {
  if (WRAPPERS.some((wrapper) => schema instanceof wrapper)) return alternativesOf((schema as z.ZodOptional).unwrap());
  if (schema instanceof z.ZodPipe) return alternativesOf(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => alternativesOf(option));
  return [schema];
}

function formOf(schema: Schema): Form | null {
  const takes = (given: object): boolean => isTakenBy(schema, given);
  if (schema instanceof z.ZodObject) return { fields: fieldsOf(schema), others: othersOf(schema.def.catchall), takes };
  if (schema instanceof z.ZodRecord) return { fields: new Map(), others: [schema.valueType], takes };
  if (schema instanceof z.ZodIntersection) return bothOf(schema, takes);
  return CODE.some((type) => schema instanceof type) ? OPEN : null;
}

function fieldsOf({ shape }: z.ZodObject): Map<string, readonly Schema[]> {
  return new Map(Object.entries(shape).map(([name, field]) => [name, [field]]));
}

function othersOf(catchall: Schema | undefined): Form['others'] {
  if (catchall === undefined || catchall instanceof z.ZodNever) return 'none';
  return catchall instanceof z.ZodUnknown || catchall instanceof z.ZodAny ? 'any' : [catchall];
}

/** Both sides of an intersection get the value, so a field needs to be known to one of them only. */
function bothOf(schema: z.ZodIntersection, takes: Form['takes']): Form {
  const sides = [...formsOf(schema.def.left), ...formsOf(schema.def.right)];
  const fields = new Map<string, readonly Schema[]>();
  for (const side of sides) {
    for (const [name, schemas] of side.fields) fields.set(name, [...(fields.get(name) ?? []), ...schemas]);
  }
  if (sides.some(({ others }) => others === 'any')) return { fields, others: 'any', takes };
  const others = sides.flatMap((side) => (isList(side.others) ? side.others : []));
  return { fields, others: others.length > 0 ? others : 'none', takes };
}

function itemsOf(schema: Schema, at: number): readonly Schema[] {
  return alternativesOf(schema).flatMap((one) => {
    if (one instanceof z.ZodArray) return [one.element];
    if (!(one instanceof z.ZodTuple)) return [];
    return one.def.items[at] ?? one.def.rest ?? [];
  });
}

function isTakenBy(schema: Schema, given: object): boolean {
  try {
    return z.safeParse(schema, given).success;
  } catch {
    return true; // code of the author failed, and it has been told where the options were parsed
  }
}
