import { OperationalError } from '../../../shared/model/error.ts';
import { TranscriptAnswer, type StepView } from '../../api/tasks/recording/task-recording-views.ts';
import type { DrawnStep } from '../../statetable/drawing.ts';
import { findBlock, rowFor, type StateTable } from '../../statetable/table.ts';
import { readGivenFile } from './table-source.ts';

/** The value that the step decider records for a request to terminate. */
const TERMINATE_REQUESTED = 'terminateRequested';

/** Returns the cause of a step, which a transcript does not contain: a row of the table that leads there, or else an error. */
function wayOf(table: StateTable, { from, value, to }: StepView): DrawnStep['way'] {
  if (from === null) return 'start';
  if (value === TERMINATE_REQUESTED) return 'terminate';
  return value !== null && rowFor(findBlock(table, from), value)?.target === to ? 'row' : 'error';
}

/** Reads what `wipctl transcript TASK --json` has printed. Throws USAGE when the file holds something else. */
export function readTranscriptFile(table: StateTable, path: string): DrawnStep[] {
  const { steps } = parseTranscript(readGivenFile(path), path);
  return steps.map((step, index) => {
    const next = steps[index + 1];
    const seconds = next && Math.max(0, (Date.parse(next.at) - Date.parse(step.at)) / 1000);
    const { from, value, to, executed } = step;
    // A transcript has no waits. The time spent in the state is more useful anyway.
    return { from, value, to, executed, way: wayOf(table, step), waitSeconds: 0, ...(next && { seconds }) };
  });
}

function parseTranscript(text: string, path: string): TranscriptAnswer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined; // text that is not JSON is refused below with the same words
  }
  const parsed = TranscriptAnswer.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new OperationalError('USAGE', {
    happened: `${path} is not the recording of a task`,
    remedy: 'Write one with "wipctl transcript TASK --json"',
    cause: parsed.error,
  });
}
