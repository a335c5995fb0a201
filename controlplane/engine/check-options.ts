import { OperationalError } from '../../shared/model/error.ts';
import { findUnsavable } from './unsavable.ts';

/**
 * Throws OPTIONS_INVALID for parsed options that the record cannot hold, or not as they are: a schema may make a Date of a
 * text, and the class would get the text again when its task is loaded.
 */
export function checkOptions(kind: string, options: Readonly<Record<string, unknown>>): void {
  const found = findUnsavable(options);
  if (found === null) return;
  throw new OperationalError('OPTIONS_INVALID', {
    happened: `The options of a ${kind} task cannot be stored: ${found}`,
    remedy:
      'Options are stored as JSON: let the schema keep texts, numbers, lists and plain objects, and keep larger data elsewhere, with its address as an option',
  });
}
