import type { BuildStep } from '../../shared/protocol/build-export.ts';
import type { StepMark } from './step-marks.ts';
import { locateCommand, type CommandLocation, type StepScript } from './step-script.ts';

/**
 * Where a step ended, as exactly as its marks say it: the line that failed, else the line that called the function that
 * failed, else the only line of the last command that has the words of what ran last, else all lines of that command.
 */
export function locateEnd(
  step: BuildStep,
  script: Pick<StepScript, 'locationOf'>,
  marks: readonly StepMark[],
): CommandLocation | null {
  const failed = marks.findLast((mark) => mark.kind === 'failed');
  const exit = marks.findLast((mark) => mark.kind === 'exit');
  const exact = failed?.scriptLine ?? exit?.callLine ?? null;
  const location = exact === null ? null : script.locationOf(exact);
  if (location) return withStartOfLine(location, script, exact!);
  const index = marks.findLast((mark) => mark.kind === 'begin')?.indexes.at(-1);
  if (index === undefined) return null;
  const whole = locateCommand(step, index);
  const words = exit?.command.trim();
  return (words && onlyLineWith(words, whole)) || whole;
}

/** bash counts the last line of a command whose lines end with a backslash; it begins some lines above. */
function withStartOfLine(
  location: CommandLocation,
  script: Pick<StepScript, 'locationOf'>,
  scriptLine: number,
): CommandLocation {
  const above = script.locationOf(scriptLine - 1);
  if (above?.commandIndex !== location.commandIndex || !above.text.endsWith('\\')) return location;
  const start = withStartOfLine(above, script, scriptLine - 1);
  return { ...start, lastLine: location.lastLine };
}

/** bash says a command with single blanks. */
function onlyLineWith(words: string, whole: CommandLocation): CommandLocation | null {
  const texts = whole.text.replace(/\n+$/, '').split('\n');
  if (texts.length !== whole.lastLine - whole.line + 1) return null;
  const found = texts.flatMap((text, at) => (text.replace(/\s+/g, ' ').includes(words) ? [at] : []));
  if (found.length !== 1) return null;
  const line = whole.line + found[0]!;
  return { ...whole, line, lastLine: line, text: texts[found[0]!]! };
}
