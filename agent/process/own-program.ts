import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { shellQuote } from '../../shared/text/shell-quote.ts';

/** Returns the script that an agent without a container puts on the build's PATH as `wip-agent`. */
export function ownScript(selfCommand: readonly string[]): string {
  return `#!/bin/sh\nexec ${selfCommand.map(shellQuote).join(' ')} "$@"\n`;
}

/**
 * Returns whether a shell in this directory, with this PATH, would start the agent's own program by this name. Anything
 * else of the same name, such as an image's wrapper, is another program.
 */
export function isOwnProgram(
  name: string,
  where: { path: string; cwd: string },
  selfCommand: readonly string[],
): boolean {
  const file = findProgram(name, where);
  if (file === undefined) return false;
  const [program, ...more] = selfCommand;
  if (program !== undefined && more.length === 0 && realpathSync(file) === realpathSync(program)) return true;
  const script = ownScript(selfCommand);
  // The size first: the file may be a program of a hundred megabytes.
  return statSync(file).size === Buffer.byteLength(script) && readFileSync(file, 'utf8') === script;
}

/** Looks a program up as a shell does: a name with a slash is a path, and an empty part of PATH is the directory. */
function findProgram(name: string, { path, cwd }: { path: string; cwd: string }): string | undefined {
  const directories = name.includes('/') ? [cwd] : path.split(':').map((directory) => resolve(cwd, directory));
  return directories.map((directory) => resolve(directory, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // the next directory may have it
  }
}
