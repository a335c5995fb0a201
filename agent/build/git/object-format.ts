import { gitWords } from './git-words.ts';
import { GitFailure, gitFailure, gitRemedy, type GitLocation } from './explain-git-failure.ts';
import type { Git } from './git.ts';

/** How a repository names its objects: 40 hexadecimal digits of SHA-1, or 64 of SHA-256. */
export type ObjectFormat = 'sha1' | 'sha256';

export function formatOfName(objectName: string): ObjectFormat {
  return objectName.length === 64 ? 'sha256' : 'sha1';
}

/** The format that a server announced, from git's trace of the packets; a server that announces none has SHA-1. */
export function formatFromTrace(trace: string): ObjectFormat {
  return /\bobject-format=(sha1|sha256)\b/.exec(trace)?.[1] === 'sha256' ? 'sha256' : 'sha1';
}

/**
 * Makes a repository in `directory`, or where GIT_DIR says, that can speak with one of this format. SHA-1 is chosen by a setting, which versions before 2.29
 * do not know and need not know; they have no --object-format.
 */
export async function initRepository(
  git: Git,
  where: { readonly directory?: string; readonly format: ObjectFormat; readonly side: GitLocation },
  happened: string,
): Promise<void> {
  const { directory, format, side } = where;
  const choice =
    format === 'sha256' ? ['init', '--object-format=sha256'] : ['-c', 'init.defaultObjectFormat=sha1', 'init'];
  const made = await git([...choice, '--quiet', '--template=', ...(directory === undefined ? [] : [directory])]);
  if (made.exitCode === 0) return;
  if (format !== 'sha256') throw gitFailure(happened, made, 'workspace');
  const version = gitWords((await git(['--version'])).stdout);
  throw new GitFailure('GIT_FAILED', 'object-format', {
    happened: `The ${side} repository has SHA-256 object names, which the ${version || 'git'} of the image cannot use`,
    remedy: gitRemedy('object-format', side),
  });
}
