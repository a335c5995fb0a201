import type { FailedMark } from './step-marks.ts';

/** A line of the commands that began last, by its number in the script. */
export interface ScriptLine {
  readonly scriptLine: number;
  readonly text: string;
}

/** A message of bash itself, such as `step.sh: line 4: missing: No such file or directory`. */
export interface BashMessage {
  readonly scriptLine: number;
  readonly text: string;
}

/** The end of a compound command that has redirections: `done < missing`. */
interface RedirectedEnd {
  readonly scriptLine: number;
  /** The line that bash has read last when it opens the files: behind a here-document where there is one. */
  readonly lastReadLine: number;
  /** The line in which the command begins; of a command in one line the same. */
  readonly startLine: number;
  /** The files, as they are written. */
  readonly targets: readonly string[];
}

const WORD = String.raw`(?:"(?:[^"\\]|\\.)*"|'[^']*'|[$<>]\([^)]*\)|\\.|[^\s;&|<>()"'\\])+`;
const REDIRECTION = String.raw`\s*(?:\d+|\{\w+\})?(?:&>>?|<<<|<<-?|<>|>>|>\||[<>]&?)\s*${WORD}`;
const END = new RegExp(
  String.raw`(?:(?:^|[;&})]|\b(?:done|fi|esac))\s*(done\b|fi\b|esac\b|\})|(?:^|\s)\]\]|\(\(.*\)\))((?:${REDIRECTION})+)\s*(.?)`,
);
const TARGET = new RegExp(String.raw`(?:&>>?|<<<|<<-?|<>|>>|>\||[<>]&?)\s*(${WORD})`, 'g');

const OPENERS: Readonly<Record<string, RegExp>> = {
  done: /(?<![\w$-])do(?![\w=-])/g,
  fi: /(?<![\w$-])if(?![\w=-])/g,
  esac: /(?<![\w$-])case(?![\w=-])/g,
  '}': /(?<!\S)\{(?!\S)|\)\s*\{(?!\S)/g,
};

/**
 * Which line's redirection failed, where the one of a compound command did: bash then tells its ERR trap the command that ran
 * before, whatever its status was. `null`: that command itself failed. `unknown`: a redirection failed, in a line that nothing names.
 */
export function failedRedirection(
  failed: FailedMark,
  message: BashMessage | null,
  lines: readonly ScriptLine[],
): number | 'unknown' | null {
  const toldLine = failed.scriptLine ?? 0;
  const all = redirectedEnds(lines);
  const ends = message === null ? all : all.filter((end) => isMeant(end, message));
  const told = lines.find(({ scriptLine }) => scriptLine === toldLine)?.text ?? '';
  // `true | {`: what stands before the bar is not in the body.
  const firstLine = toldLine + (isFollowed(failed.command, told, /^\|(?!\|)/) ? 0 : 1);
  const encloses = (end: RedirectedEnd): boolean => end.startLine < firstLine && toldLine < end.scriptLine;
  // Outside of any other command, bash names the line that it has read last. A body that has run was redirected before. In the line of
  // a simple command (`cat < missing || true`) the message is one of an earlier round of a loop.
  const named = ends.findLast((end) => end.lastReadLine === message?.scriptLine && end.lastReadLine >= toldLine);
  if (named && !encloses(named)) return named.scriptLine;
  if (!isPassed(failed, lines)) return null;
  const candidates = ends.length > 0 ? ends : all;
  const fresh = candidates.filter((end) => !encloses(end));
  const possible = fresh.length > 0 ? fresh : candidates;
  return possible.length === 1 ? possible[0]!.scriptLine : 'unknown';
}

/** What fails no step and leaves the status of what ran before it: the mark before a command, and the heads of compound commands. */
const LEAVES_STATUS = /^(?:__wip_begin\b|builtin return "\$2"$|\[\[ -n _ \]\]$|(?:for|select|case) )/;

/** Whether the command that ran last cannot be what ended the step: it succeeded, or `set -e` ignores its status where it stands. */
function isPassed({ scriptLine, hasStatus, command }: FailedMark, lines: readonly ScriptLine[]): boolean {
  if (LEAVES_STATUS.test(command)) return true;
  // PIPESTATUS has no status of conditions.
  if (!hasStatus && !/^(?:\[\[|\(\()/.test(command)) return true;
  const at = lines.findIndex((line) => line.scriptLine === scriptLine);
  return at >= 0 && isIgnored(command, logicalLine(lines, at));
}

/** `&&` or `||`, behind the command itself or behind a group or branch in the same line that it ends. */
const IGNORED_BEFORE = /^(?:;?(?:[)}]|(?:fi|done|esac)\b))*(?:&&|\|\|)/;

/** Whether each place in which the command stands in the line is one of those of `set -e`: before && and ||, after `!`, a condition. */
function isIgnored(command: string, line: string): boolean {
  const occurrences = occurrencesOf(command, line);
  const isOneIgnored = ({ before, after }: Occurrence): boolean =>
    /(?:^|[\s;&|(])(?:if|elif|while|until|!) $/.test(before) || IGNORED_BEFORE.test(after);
  return occurrences.length > 0 && occurrences.every(isOneIgnored);
}

function isFollowed(command: string, line: string, by: RegExp): boolean {
  return occurrencesOf(command, line).some(({ after }) => by.test(after));
}

interface Occurrence {
  readonly before: string;
  readonly after: string;
}

/** Where in a line the words of a command stand. */
export function occurrencesOf(command: string, line: string): Occurrence[] {
  const [words, text] = [plainCommand(command), plainCommand(line)];
  const occurrences: Occurrence[] = [];
  for (let at = text.indexOf(words); at >= 0 && words !== ''; at = text.indexOf(words, at + 1)) {
    const [before, after] = [text.slice(0, at), text.slice(at + words.length)];
    if (!/[\w$./-]$/.test(before) && !/^[\w./-]/.test(after)) occurrences.push({ before, after });
  }
  return occurrences;
}

/** bash says a command with single blanks, and has its own way to write operators. */
function plainCommand(text: string): string {
  return text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/ ?([<>&|;]+) ?/g, '$1');
}

/** What the message names is a file of these redirections, or may be: a variable can have any value. */
function isMeant({ targets }: RedirectedEnd, { text }: BashMessage): boolean {
  const written = targets.map((target) => target.replace(/["'\\]/g, ''));
  return written.some((target) => text.startsWith(`${target}: `) || /[$`*?[~<>]/.test(target));
}

function redirectedEnds(lines: readonly ScriptLine[]): RedirectedEnd[] {
  return lines.flatMap(({ scriptLine }, at): RedirectedEnd[] => {
    if (at > 0 && isContinued(lines[at - 1]!.text)) return [];
    const [, word, redirections = '', next = ''] = END.exec(logicalLine(lines, at)) ?? [];
    // What follows in a pipeline, or decides with && and ||, is another command to bash.
    if (redirections === '' || /[&|]/.test(next)) return [];
    const targets = [...redirections.matchAll(TARGET)].map((match) => match[1]!);
    const lastReadLine = lines[endOfHereDocument(lines, endOfLogicalLine(lines, at), redirections)]!.scriptLine;
    return [{ scriptLine, lastReadLine, startLine: startOf(lines, at, word), targets }];
  });
}

function endOfHereDocument(lines: readonly ScriptLine[], at: number, redirections: string): number {
  const delimiters = [...redirections.matchAll(/<<-?\s*(["'\\]?[\w.-]+)/g)].map((match) => match[1]!);
  return delimiters.reduce((from, delimiter) => {
    const wanted = delimiter.replace(/^["'\\]/, '');
    const found = lines.findIndex(({ text }, index) => index > from && text.trim() === wanted);
    return found < 0 ? from : found;
  }, at);
}

/** Counts words and does not parse: only whether a command has begun before a line depends on it. */
function startOf(lines: readonly ScriptLine[], end: number, word: string | undefined): number {
  const opener = word === undefined ? undefined : OPENERS[word];
  if (word === undefined || opener === undefined) return lines[end]!.scriptLine;
  const closer = new RegExp(String.raw`(?<![\w$-])${word === '}' ? String.raw`\}(?!\S*[\w"])` : `${word}\\b`}`, 'g');
  let depth = 0;
  for (let at = end; at >= 0; at--) {
    const text = lines[at]!.text;
    if (isComment(text)) continue;
    depth += [...text.matchAll(closer)].length - [...text.matchAll(opener)].length;
    if (depth <= 0) return lines[at]!.scriptLine;
  }
  return lines[0]!.scriptLine;
}

/** A line with those that a backslash joins to it; empty for a comment. */
export function logicalLine(lines: readonly ScriptLine[], at: number): string {
  let first = at;
  while (first > 0 && isContinued(lines[first - 1]!.text)) first--;
  const texts = lines.slice(first, endOfLogicalLine(lines, at) + 1).map(({ text }) => text);
  return isComment(texts[0]!)
    ? ''
    : texts.map((text, index) => (index < texts.length - 1 ? text.slice(0, -1) : text)).join('');
}

function endOfLogicalLine(lines: readonly ScriptLine[], at: number): number {
  let last = at;
  while (last < lines.length - 1 && isContinued(lines[last]!.text)) last++;
  return last;
}

/** A backslash at its end joins the line to the next. */
export function isContinued(line: string): boolean {
  return !isComment(line) && /(?<!\\)(?:\\\\)*\\$/.test(line);
}

export function isComment(line: string): boolean {
  return /^\s*#/.test(line);
}
