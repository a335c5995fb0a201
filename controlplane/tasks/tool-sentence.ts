import type { ProcessResult } from '../../shared/protocol/signals.ts';

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

// The tool prints it as its last line, on one line; a failed step ends with a sentence without a code.
const PUSH_ERROR = /^(PUSH_REJECTED|GIT_FAILED): (.+)$/;

/** Returns why the artefact was not pushed, after all steps had succeeded; null when that is not how the build failed. */
export function pushFailure(stderr: string): { readonly isRejected: boolean; readonly sentence: string } | null {
  const [, code, sentence] = PUSH_ERROR.exec(stderr.trimEnd().split('\n').at(-1) ?? '') ?? [];
  return sentence === undefined ? null : { isRejected: code === 'PUSH_REJECTED', sentence };
}

/** Returns what ended the tool itself when no exit code of its own did; null when it ended by itself. */
export function toolEnding({ signal, reason }: Pick<ProcessResult, 'signal' | 'reason'>): string | null {
  const isOutOfMemory = reason === 'oom';
  if (signal === null) return isOutOfMemory ? 'The memory of the container was used up.' : null;
  const why = isOutOfMemory ? ' because the memory of the container was used up' : '';
  return `The build tool was ended by ${signal}${why}.`;
}
