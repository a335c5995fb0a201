import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OperationalError } from '../../shared/model/error.ts';

export interface Repository {
  /** As git takes it: a URL as given, a path made absolute, because the build runs in another directory. */
  readonly uri: string;
  /** What is checked out in a repository on this machine. */
  readonly branch: string | undefined;
}

// git's own rule (git-clone, "GIT URLS"): scheme://…, or host:path without a slash before the first colon.
const URL_WITH_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const SCP_LIKE = /^[^/\\:]+:(?!\/\/)/;

export function findRepository(given: string, cwd: string): Repository {
  if (/^file:\/\//i.test(given)) return { ...localRepository(given, pathOfUrl(given)), uri: given };
  if (URL_WITH_SCHEME.test(given)) return { uri: given, branch: undefined };
  const path = resolve(cwd, given);
  // A file on this machine wins, as it does for git: `a:b` can be a directory.
  if (SCP_LIKE.test(given) && !existsSync(path)) return { uri: given, branch: undefined };
  return localRepository(given, path);
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `"${url}" is not the URL of a directory on this machine`,
      remedy: 'Write it as file:///absolute/path',
      cause,
    });
  }
}

function localRepository(given: string, path: string): Repository {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status) {
    throw new OperationalError('USAGE', {
      happened: `There is no repository at ${path}`,
      remedy: `Give the path of a git repository or a URL that git can clone; "${given}" is neither`,
    });
  }
  const head = [join(path, '.git', 'HEAD'), join(path, 'HEAD')].find((file) => existsSync(file));
  // In a worktree and in a submodule, .git is a file that points elsewhere: git can clone from them all the same.
  if (!head && !existsSync(join(path, '.git'))) {
    throw new OperationalError('USAGE', {
      happened: `${path} is not a git repository`,
      remedy: 'Commit what is to be built: run "git init", "git add --all" and "git commit" there first',
    });
  }
  const branch = head && /^ref: refs\/heads\/(.+)$/m.exec(readFileSync(head, 'utf8'))?.[1];
  return { uri: path, branch: branch || undefined };
}
