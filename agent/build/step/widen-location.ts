import type { BuildStep } from '../../../shared/protocol/build-export.ts';
import { isComment, isContinued } from './failed-redirection.ts';
import { locateCommand, type CommandLocation } from './step-script.ts';

/** Returns the indexes of those of these commands that are not complete by themselves. */
export type FindIncomplete = (commands: readonly string[]) => Promise<ReadonlySet<number>>;

// bash is asked about each of these lines, with all that follow it.
const MAX_LINES = 200;
const MAX_CHARACTERS = 20_000;

/** `done; false`: what ends here did not fail, or the rest of the line would not have run. */
const ENDS_ANOTHER = /^\s*(?:done|fi|esac|\})\s*(?:;|&&|\|\|)/;

/**
 * bash says of a command that is written in several lines, such as a subshell or a pipeline, only the line in which it ends.
 * Returns a location from the line in which it begins: the nearest one from which the lines are a complete command.
 */
export async function widenLocation(
  step: BuildStep,
  location: CommandLocation,
  findIncomplete: FindIncomplete,
): Promise<CommandLocation> {
  const whole = locateCommand(step, location.commandIndex);
  const lines = whole.text.replace(/\n+$/, '').split('\n');
  const told = location.line - whole.line;
  const isLineByLine = lines.length === whole.lastLine - whole.line + 1 && location.line === location.lastLine;
  if (!isLineByLine || ENDS_ANOTHER.test(lines[told]!)) return location;
  const end = lines.findIndex((line, at) => at >= told && !isContinued(line));
  const last = end < 0 ? lines.length - 1 : end;
  const textFrom = (start: number): string => lines.slice(start, last + 1).join('\n');
  // The here-document of the last line lies below it, and without it no text would be complete.
  const closed = lines[last]!.replace(/(?<!<)<<-?(?!<)/g, '<<<');
  const asked = (start: number): string => [...lines.slice(start, last), closed].join('\n');
  const starts = possibleStarts(lines, last).filter((start) => isPossible(textFrom(start)));
  const complete = async (some: readonly number[]): Promise<number | undefined> => {
    const incomplete = await findIncomplete(some.map(asked));
    return some.find((_, at) => !incomplete.has(at));
  };
  const start =
    (await complete(starts.slice(0, 1))) ?? (await complete(starts.slice(1))) ?? unknownStart(lines[told]!, told);
  return { ...location, line: whole.line + start, lastLine: whole.line + last, text: textFrom(start) };
}

/** From the nearest on; no line that the one above it continues. */
function possibleStarts(lines: readonly string[], last: number): number[] {
  const all = Array.from({ length: Math.min(last + 1, MAX_LINES) }, (_, at) => last - at);
  return all.filter((start) => start === 0 || !(isContinued(lines[start - 1]!) || isPiped(lines[start - 1]!)));
}

/** After `&&` and `||` a command of its own begins, and bash names its line. Of a pipeline any part may have failed. */
function isPiped(line: string): boolean {
  return !isComment(line) && /(?<!\|)\|&?\s*(?:#.*)?$/.test(line);
}

/** To bash `b == c ]]` is a program with its arguments. */
function isPossible(text: string): boolean {
  const lacksItsStart = /(?:^|\s)\]\]/.test(text) && !/(?:^|[\s!(])\[\[\s/.test(text);
  return !lacksItsStart && text.length <= MAX_CHARACTERS;
}

/** A line such as `x) false ;;` is known exactly, though no complete command ends with it; one that only closes is not. */
function unknownStart(line: string, last: number): number {
  return /^\s*[)}\]"'`]/.test(line) ? 0 : last;
}
