import type { BuildStep } from '../../../shared/protocol/build-export.ts';
import type { FailedCommand } from '../../../shared/protocol/build-record.ts';
import { escapeControls } from '../../../shared/text/quote.ts';
import { exitCodeOfEnd, exitWords, signalOf } from './exit-words.ts';
import type { StepEnd } from './run-step.ts';

// A sentence is read in a line of a table or of a chat; the command stands whole in the output above it.
const MAX_COMMAND_CHARACTERS = 200;

/** The failed command, as in `The step "test" failed in line 14 of acquia-pipelines.yaml, exit code 3: npm test`. */
export function failedCommand(fileName: string, step: BuildStep, end: StepEnd): FailedCommand {
  const { line, lastLine, text } = end.location ?? { line: step.line, lastLine: step.line, text: '' };
  if (end.startFailure !== null) {
    const sentence = `The step "${step.name}" could not be started: ${end.startFailure.message}`;
    return { line, lastLine, command: '', sentence };
  }
  const inFile = `of ${escapeControls(fileName)}`;
  const lines = line === lastLine ? `line ${line}` : `lines ${line} to ${lastLine}`;
  const where = `The step "${step.name}" failed in ${lines} ${inFile}, ${exitWords(end)}`;
  const command = commandInBrief(text);
  return { line, lastLine, command, sentence: command === '' ? where : `${where}: ${escapeControls(command)}` };
}

/** The first line of a command, with `…` for what is left out. */
function commandInBrief(text: string): string {
  const first = text.trim().split('\n', 1)[0]!;
  const isWhole = first.length === text.trim().length;
  if (first.length > MAX_COMMAND_CHARACTERS) return `${first.slice(0, MAX_COMMAND_CHARACTERS).trimEnd()} …`;
  return isWhole ? first : `${first} …`;
}

/** What the steps of fail-on-build are told of the failure. */
export function failureEnvironment(step: BuildStep, end: StepEnd): Record<string, string> {
  const signal = signalOf(end);
  return {
    PIPELINES_FAILED_STEP: step.name,
    PIPELINES_FAILED_LINE: String(end.location?.line ?? step.line),
    PIPELINES_FAILED_COMMAND: commandInBrief(end.location?.text ?? ''),
    PIPELINES_FAILED_EXIT_CODE: String(exitCodeOfEnd(end)),
    ...(signal === null ? {} : { PIPELINES_FAILED_SIGNAL: signal }),
  };
}
