import { ERROR_VALUE, findBlock, rowFor, type StateTable } from '../../statetable/table.ts';
import type { StepEvent } from '../../statetable/step.ts';
import { instead } from '../../../shared/text/nearest-name.ts';
import { shown } from '../../../shared/text/shown-value.ts';

/**
 * Returns a sentence for the author of a class about an answer with which the task cannot go on, or goes the way of an error
 * without a word about one; null for any other answer.
 */
export function hintAboutAnswer(
  table: StateTable,
  { state, method }: { readonly state: string; readonly method: string },
  value: unknown,
): string | null {
  if (typeof value !== 'string') return null; // the error about it says what it was
  if (value === ERROR_VALUE) {
    return `"${method}" answered "!" for the state "${state}", which leads the way of an error without saying what failed: throw an error instead.`;
  }
  const block = findBlock(table, state);
  if (!block || rowFor(block, value)) return null;
  const values = block.transitions.map((row) => row.value).filter((one) => one !== ERROR_VALUE);
  return `"${method}" answered ${shown(value)}, for which the state "${state}" has no row${instead(value, values)}.`;
}

// Answers are words of a table. A longer one is refused, because the recording and error messages contain answers in full.
const MAX_ANSWER = 1_000;

/** Returns the event of an answer of a transition method. */
export function answerOf(method: string, value: unknown): StepEvent {
  if (typeof value !== 'string' || value.length <= MAX_ANSWER) return { kind: 'answered', value };
  const message = `The transition method "${method}" answered with a text of ${value.length} characters.`;
  return { kind: 'method-threw', message };
}
