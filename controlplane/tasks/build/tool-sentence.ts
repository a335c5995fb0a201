import { singleLine } from '../../../shared/model/single-line.ts';
import type { ProcessResult } from '../../../shared/protocol/signals.ts';

// An error of the build tool: its code, and a message that may contain lines of git's output.
const ERROR_LINE = /^[A-Z][A-Z_]*: /;
// The longest list of problems in a build file has about 20,000 characters.
const MAX_SENTENCE_CHARACTERS = 32_000;

/** How many bytes at the end of the build tool's stderr contain the whole of such an error. */
export const SENTENCE_BYTES = 64 * 1024;

/**
 * Returns the sentence why the build tool failed: all lines of its last error. A custom build tool may write anything;
 * then its first line is used.
 */
export function toolSentence(stderr: string): string {
  const lines = stderr.trim().split(/\s*\n\s*/);
  const start = lines.findLastIndex((line) => ERROR_LINE.test(line));
  const sentence = start < 0 ? (lines[0] ?? '') : lines.slice(start).join(' ');
  return sentence.length > MAX_SENTENCE_CHARACTERS ? `${sentence.slice(0, MAX_SENTENCE_CHARACTERS)}…` : sentence;
}

/** What the build tool says as its last line when the build could not begin; a failed step ends with a sentence without a code. */
const BEFORE_THE_STEPS =
  /^(?:WORKSPACE_UNUSABLE|BASH_MISSING|GIT_MISSING|ENVIRONMENT_TOO_LARGE|SECURE_VALUE_MISSING|BUILD_FILE_(?:INVALID|MISSING)): (.+)$/;
const MAX_REASON_CHARACTERS = 600;

/** Returns why no step of a build was run, without the code of the error; null when the tool does not end with that. */
export function whyNotStarted(stderr: string): string | null {
  const why = BEFORE_THE_STEPS.exec(stderr.trimEnd().split('\n').at(-1) ?? '')?.[1];
  if (why === undefined) return null;
  const reason = singleLine(why);
  return reason.length > MAX_REASON_CHARACTERS ? `${reason.slice(0, MAX_REASON_CHARACTERS)}…` : reason;
}

/** The code of the tool for an address that no repository may be at; all others that an export ends with are of its build file. */
const SOURCE_CODE = 'REPOSITORY_REFUSED';

/** Returns the cause of an export that failed without a word of git. */
export function toolCause(stderr: string): 'source' | 'build-file' {
  return toolSentence(stderr).startsWith(`${SOURCE_CODE}: `) ? 'source' : 'build-file';
}

/** Returns what ended the tool itself when no exit code of its own did; null when it ended by itself. */
export function toolEnding({ signal, reason }: Pick<ProcessResult, 'signal' | 'reason'>): string | null {
  const isOutOfMemory = reason === 'oom';
  if (signal === null) return isOutOfMemory ? 'The memory of the container was used up.' : null;
  const why = isOutOfMemory ? ' because the memory of the container was used up' : '';
  return `The build tool was ended by ${signal}${why}.`;
}
