import { withoutPassword } from './git.ts';

// A server chooses how much it says; a message for people has an end.
const MAX_CHARACTERS = 2_000;

// The rest of what is read was said before it, and the searches here take time by the square of a line.
const MAX_READ_CHARACTERS = 32_000;

const PROGRESS =
  /^(?:remote: *)?(?:(?:Enumerating|Counting|Compressing|Receiving|Writing|Unpacking|Filtering) (?:objects|content)|Resolving deltas|Updating files|Delta compression|Total \d+|Downloading LFS objects|Processing)\b/;
// These lines repeat what stands beside them, explain a command that nobody typed, or name a log in a container that is gone.
const NOISE =
  /^(?:hint:|error: failed to push some refs to|Please make sure you have the correct access rights|and the repository exists\.|To \S+$|Done$|Errors logged to '|Use `git lfs logs last`)/;
// git-lfs is written in Go. A failure of its own prints the calls that led to it.
const GO_TRACE = /^(?:goroutine \d+ \[|\S+\.go:\d+|\S+\(\S*0x[0-9a-f]+|created by )/;
// git-lfs 3 prints an address by its fields where Go has no text for it: `Client error &{%!!(string=http) …}s(MISSING) from HTTP 410`.
const GO_FIELDS = / ?&\{%!.*?\}s\(MISSING\)/g;

/**
 * Returns the words of git and of the other side as one line, without control characters, progress, repetition and
 * passwords.
 */
export function gitWords(text: string): string {
  const lines: string[] = [];
  for (const line of endsOf(text).split(/[\r\n]+/)) {
    const words = shown(line).replace(GO_FIELDS, '');
    if (words === '' || words === 'remote:') continue;
    if (PROGRESS.test(words) || NOISE.test(words) || GO_TRACE.test(words)) continue;
    if (!lines.includes(words)) lines.push(words);
  }
  return printable(lines.join('; '), MAX_CHARACTERS);
}

/** Both ends of a text, of whole words: half an address could show half a password. */
export function endsOf(text: string): string {
  if (text.length <= MAX_READ_CHARACTERS) return text;
  const [head, tail] = [text.slice(0, MAX_READ_CHARACTERS / 2), text.slice(-MAX_READ_CHARACTERS / 2)];
  let end = head.length;
  while (end > 0 && /\S/.test(head.charAt(end - 1))) end -= 1;
  return `${head.slice(0, end)}\n${tail.replace(/^\S+/, '')}`;
}

/** One line of bounded length without control characters and passwords, whoever chose the names in it. */
export function printable(text: string, maxCharacters: number): string {
  const all = shown(text);
  return all.length <= maxCharacters ? all : `${all.slice(0, maxCharacters / 2)} … ${all.slice(-maxCharacters / 2)}`;
}

/** In this order: without its control characters a text may be an address that it was not before. */
function shown(line: string): string {
  return withoutPassword(withoutControls(line));
}

function withoutControls(line: string): string {
  return line
    .replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .trim();
}
