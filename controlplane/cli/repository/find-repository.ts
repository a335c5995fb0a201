import { existsSync, realpathSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { OperationalError } from '../../../shared/model/error.ts';
import type { CliContext } from '../cli-context.ts';
import { statGivenPath } from '../given-path.ts';
import { createLocalGit, type LocalGit } from './local-git.ts';

export interface FoundRepository {
  /** Address for git: a URL as given, or an absolute path, because the build runs in another directory. */
  readonly uri: string;
  /** Set when the repository is on this machine. */
  readonly local: LocalRepository | undefined;
}

export interface LocalRepository {
  /** The top of the working tree, or the directory with the objects when there is no working tree. */
  readonly directory: string;
  readonly name: string;
  readonly hasWorkingTree: boolean;
  readonly git: LocalGit;
}

type RepositoryContext = Pick<CliContext, 'cwd' | 'environment'>;

// git's own rule (git-clone, "GIT URLS"): scheme://…, or host:path without a slash before the first colon.
const URL_WITH_SCHEME = /^[a-z][a-z0-9+.-]*:(\/\/|:)/i;
const SCP_LIKE = /^[^/\\:]+:(?!\/\/)/;

export function findRepository(given: string, context: RepositoryContext): FoundRepository {
  if (given.trim() === '') throw noRepository('The repository is empty text', given);
  if (/^file:\/\//i.test(given)) {
    const path = pathOfUrl(given);
    const local = askRepository(given, path, context);
    return { uri: isSame(local.directory, path) ? given : pathToFileURL(local.directory).href, local };
  }
  const path = resolve(context.cwd, withHome(given, context));
  // A local path takes precedence, as it does for git: `a:b` can be a directory.
  const isUrl = URL_WITH_SCHEME.test(given) || (SCP_LIKE.test(given) && !existsSync(path));
  if (isUrl) return { uri: given, local: undefined };
  const local = askRepository(given, path, context);
  return { uri: isSame(local.directory, path) ? path : local.directory, local };
}

/** Expands `~`, which a shell leaves alone in quotes, unless a directory has that name. */
function withHome(given: string, { environment, cwd }: RepositoryContext): string {
  const home = environment['HOME'];
  const isHome = given === '~' || given.startsWith('~/');
  return isHome && home && !existsSync(resolve(cwd, '~')) ? join(home, given.slice(1)) : given;
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

function isSame(directory: string, path: string): boolean {
  return realpathSync(directory) === realpathSync(path);
}

/**
 * Asks git what the path is instead of looking for `.git`: worktrees and submodules have a file there, a branch may be
 * packed, and a subdirectory belongs to the repository above it.
 */
function askRepository(given: string, path: string, context: RepositoryContext): LocalRepository {
  const status = statGivenPath(path);
  if (!status) throw noRepository(`There is no repository at ${path}`, given);
  if (!status.isDirectory()) throw noRepository(`${path} is a file`, given);
  const git = createLocalGit(context);
  const kind = git(path, ['rev-parse', '--is-inside-work-tree', '--absolute-git-dir']);
  if (kind.exitCode !== 0) throw notUsable(path, kind.words);
  const [isInside, gitDirectory = ''] = kind.stdout.split('\n');
  if (isInside !== 'true') return describe(gitDirectory, gitDirectory, git);
  const top = git(path, ['rev-parse', '--show-toplevel']);
  if (top.exitCode !== 0) throw notUsable(path, top.words);
  return describe(top.stdout, gitDirectory, git);
}

function describe(directory: string, gitDirectory: string, git: LocalGit): LocalRepository {
  const hasWorkingTree = directory !== gitDirectory;
  const name = basename(hasWorkingTree ? directory : directory.replace(/\/\.git$/, '')).replace(/(?<=.)\.git$/, '');
  return { directory, name, hasWorkingTree, git };
}

function noRepository(happened: string, given: string): OperationalError {
  return new OperationalError('USAGE', {
    happened,
    remedy: `Give the path of a git repository or a URL that git can clone; "${given}" is neither`,
  });
}

function notUsable(path: string, words: string): OperationalError {
  if (words.includes('dubious ownership')) {
    const owned = /repository at '([^']+)'/.exec(words)?.[1] ?? path;
    return new OperationalError('USAGE', {
      happened: `git does not read ${path}, because the repository belongs to another user`,
      remedy: `If you trust it, run: git config --global --add safe.directory '${owned}'`,
    });
  }
  // git prints "not a git repository (or any of the parent directories)". A name after a colon means a broken worktree.
  if (/not a git repository \(/.test(words)) {
    return new OperationalError('USAGE', {
      happened: `${path} is not a git repository, and neither is a directory above it`,
      remedy: 'Commit what is to be built: run "git init", "git add --all" and "git commit" there first',
    });
  }
  return new OperationalError('USAGE', {
    happened: `git cannot read the repository at ${path}: ${words.replace(/\.$/, '')}`,
    remedy: 'Correct what git names, or give another repository',
  });
}
