// An error of the build tool: its code, and a message that may have the lines of git in it.
const ERROR_LINE = /^[A-Z][A-Z_]*: /;
// The longest list of problems of a build file has some 20,000 characters.
const MAX_SENTENCE_CHARACTERS = 32_000;

/** How much of the build tool's stderr holds the whole of such an error. */
export const SENTENCE_BYTES = 64 * 1024;

/**
 * The one sentence why the build tool failed: all lines of its last error. A tool of somebody else's may write anything,
 * and then its first line has to do.
 */
export function toolSentence(stderr: string): string {
  const lines = stderr.trim().split(/\s*\n\s*/);
  const start = lines.findLastIndex((line) => ERROR_LINE.test(line));
  const sentence = start < 0 ? (lines[0] ?? '') : lines.slice(start).join(' ');
  return sentence.length > MAX_SENTENCE_CHARACTERS ? `${sentence.slice(0, MAX_SENTENCE_CHARACTERS)}…` : sentence;
}
