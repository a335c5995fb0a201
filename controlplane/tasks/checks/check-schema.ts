import { z } from 'zod';
import { shown } from '../../../shared/text/shown-value.ts';
import { asynchronousOptions } from './asynchronous-options.ts';

/**
 * Returns why no task can have options of this schema; null when one can. It is asked as each task asks it: for an object, and
 * at once. A schema that refuses this one, which has no fields, may take others.
 */
export function whyNoSchemaOfOptions(schema: z.ZodType): string | null {
  const waiting = asynchronousOptions(schema);
  if (waiting.length > 0) return `it is asynchronous for ${waiting.join(', ')}, and options are parsed at once`;
  try {
    const parsed = schema.safeParse({});
    if (!parsed.success) return refusesObjects(parsed.error.issues) ? 'it takes no object, and options are one' : null;
    return isObject(parsed.data) ? null : `it makes ${shown(parsed.data)} of an object, and options are one`;
  } catch (error) {
    const isAsynchronous = error instanceof z.core.$ZodAsyncError;
    return isAsynchronous ? 'it is asynchronous, and options are parsed at once' : null; // it may need fields
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns whether these problems are of what was given as a whole, which is another type. */
function refusesObjects(issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.some((issue) => {
    if (issue.path.length > 0) return false;
    if (issue.code === 'invalid_union') return issue.errors.length > 0 && issue.errors.every(refusesObjects);
    return issue.code === 'invalid_type' || issue.code === 'invalid_value';
  });
}
