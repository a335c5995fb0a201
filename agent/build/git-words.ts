import { withoutPassword } from './git.ts';

// A server chooses how much it says; a message for people has an end.
const MAX_CHARACTERS = 2_000;

const PROGRESS =
  /^(?:remote: *)?(?:(?:Enumerating|Counting|Compressing|Receiving|Writing|Unpacking|Filtering) (?:objects|content)|Resolving deltas|Updating files|Delta compression|Total \d+|Downloading LFS objects|Processing)\b/;
// They repeat what stands beside them, or explain a command that nobody typed.
const NOISE =
  /^(?:hint:|error: failed to push some refs to|Please make sure you have the correct access rights|and the repository exists\.|To \S+$|Done$)/;

/** What git and the other side said, as one line without control characters, progress, repetition and passwords. */
export function gitWords(text: string): string {
  const lines: string[] = [];
  for (const line of withoutPassword(text).split(/[\r\n]+/)) {
    const words = withoutControls(line);
    if (words === '' || words === 'remote:' || PROGRESS.test(words) || NOISE.test(words)) continue;
    if (!lines.includes(words)) lines.push(words);
  }
  const all = lines.join('; ');
  return all.length <= MAX_CHARACTERS ? all : `${all.slice(0, MAX_CHARACTERS / 2)} … ${all.slice(-MAX_CHARACTERS / 2)}`;
}

function withoutControls(line: string): string {
  return line
    .replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .trim();
}
