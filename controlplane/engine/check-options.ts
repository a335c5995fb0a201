import { OperationalError } from '../../shared/model/error.ts';
import { findUnstorable } from './remove-unstorable.ts';

/**
 * Throws OPTIONS_INVALID for parsed options that the database cannot store unchanged: a schema may turn a text into a Date, and
 * the class would get a text when its task is loaded.
 */
export function checkOptions(kind: string, options: Readonly<Record<string, unknown>>): void {
  const found = findUnstorable(options);
  if (found === null) return;
  throw new OperationalError('OPTIONS_INVALID', {
    happened: `The options of a ${kind} task cannot be stored: ${found}`,
    remedy:
      'Options are stored as JSON: let the schema keep texts, numbers, lists and plain objects, and keep larger data elsewhere, with its address as an option',
  });
}
