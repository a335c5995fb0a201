import { z } from 'zod';

type Schema = z.core.$ZodType;

const WRAPPERS = [z.ZodOptional, z.ZodDefault, z.ZodPrefault, z.ZodNullable];

/** Returns the names that an object may have at a path of this schema; none where no object may be. */
export function namesAt(schema: Schema, path: readonly PropertyKey[]): readonly string[] {
  let found: readonly Schema[] = formsOf(schema);
  for (const step of path) found = found.flatMap((form) => below(form, step)).flatMap(formsOf);
  return [...new Set(found.flatMap((form) => (form instanceof z.ZodObject ? Object.keys(form.shape) : [])))];
}

/** Returns the forms that a value may have, without what is optional or made of it. */
export function formsOf(schema: Schema): readonly Schema[] {
  if (WRAPPERS.some((wrapper) => schema instanceof wrapper)) {
    return formsOf((schema as z.ZodOptional).unwrap());
  }
  if (schema instanceof z.ZodPipe) return formsOf(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => formsOf(option));
  return [schema];
}

/** Returns the schema of what an object of this form has under a name, or a list at a place. */
export function below(form: Schema, step: PropertyKey): readonly Schema[] {
  if (form instanceof z.ZodArray) return [form.element];
  if (form instanceof z.ZodRecord) return [form.valueType];
  if (!(form instanceof z.ZodObject)) return [];
  const field: unknown = form.shape[String(step)];
  return field instanceof z.ZodType ? [field] : [];
}
