import { CommandLine } from '../../kit/programs/command-line.ts';

/** Returns the words of each `wipctl …` that a document names in backticks. */
export function wipctlInText(text: string): string[][] {
  return [...text.matchAll(/`(?:npx )?wipctl ([^`]+)`/g)].map(([, rest = '']) => rest.split(' '));
}

/** Returns the words of each `wipctl …` in the blocks of a shell. */
export function wipctlInBlocks(text: string): string[][] {
  return shellLines(text).flatMap((line) =>
    [...line.matchAll(/(?:^|[\s(;=])wipctl ((?:'[^']*'|"[^"]*"|[^'"|;&>)])+)/g)].map(([, rest = '']) =>
      [...rest.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word),
    ),
  );
}

/** Returns the lines of the blocks that a shell is to run, each with what it is continued with, and without comments. */
export function shellLines(text: string): string[] {
  return [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)]
    .flatMap(([, block = '']) => block.replaceAll(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** Returns each command and option in `commands` that wipctl has not. */
export async function unknownToWipctl(commands: readonly (readonly string[])[]): Promise<string[]> {
  const unknown: string[] = [];
  for (const words of commands) {
    const path = words.slice(0, words.findIndex((word) => !/^[a-z]+(-[a-z]+)*$/.test(word)) >>> 0);
    // Of "tasks show" the second word may be a name that the person chooses.
    const help = (await helpOf(path)) ?? (await helpOf(path.slice(0, 2))) ?? (await helpOf(path.slice(0, 1)));
    if (help === null) unknown.push(words.join(' '));
    const options = words.filter((word) => /^--?[a-z]/.test(word));
    unknown.push(
      ...options.filter((option) => !help?.includes(option)).map((option) => `${words.join(' ')}: ${option}`),
    );
  }
  return unknown;
}

async function helpOf(path: readonly string[]): Promise<string | null> {
  if (path.length === 0) return null;
  const { exitCode, out } = await new CommandLine().run(...path, '--help');
  return exitCode === 0 && out.includes(`wipctl ${path.join(' ')}`) ? out : null;
}
