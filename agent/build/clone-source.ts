import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { cloneSubmodules } from './clone-submodules.ts';
import { gitError, withoutPassword, type Git } from './git.ts';
import { guardSubmodules, type RepositoryGuard } from './repository-guard.ts';

export interface Source {
  readonly uri: string;
  /** A branch or a tag; `tags/NAME` and full ref names are understood too. */
  readonly path: string;
}

/** Says that a workspace was made here and may be made anew; nothing else is ever deleted. */
const MARKER = 'wip-build-export';
const MAX_NAMES_IN_MESSAGE = 10;

/** Clones without history, with submodules, and returns the commit. Run again, it starts from nothing. */
export async function cloneSource(
  unguarded: Git,
  source: Source,
  workspace: string,
  guard: RepositoryGuard,
): Promise<string> {
  const git = await guard(unguarded, source.uri);
  const ref = await findRef(git, source);
  await prepareWorkspace(workspace);
  const inWorkspace: Git = (args, options) =>
    git(['-c', `safe.directory=${workspace}`, ...args], { cwd: workspace, ...options });
  const must = async (args: readonly string[], happened: string): Promise<string> => {
    const result = await inWorkspace(args);
    if (result.exitCode === 0) return result.stdout.trim();
    throw gitError(
      { happened, remedy: 'Make sure that the repository is complete and that there is disk space, then build again' },
      result,
    );
  };
  // A server may know no shallow clones (plain files over HTTP), or refuse a commit that is no branch's tip (a pinned
  // submodule); then the whole history is the only way.
  const shallowFirst = async (command: string[], rest: string[], happened: string): Promise<void> => {
    const shallow = await inWorkspace([...command, '--depth=1', ...rest]);
    if (shallow.exitCode !== 0) await must([...command, ...rest], happened);
  };
  const shown = withoutPassword(source.uri);
  await must(['init', '--quiet', '--template='], `The workspace ${workspace} cannot be made`);
  await must(['remote', 'add', 'origin', source.uri], `The workspace ${workspace} cannot be made`);
  await shallowFirst(
    ['fetch', '--quiet', '--no-tags'],
    ['origin', ref],
    `Fetching "${source.path}" of ${shown} failed`,
  );
  const place = ref.startsWith('refs/heads/') ? ['-B', ref.slice('refs/heads/'.length)] : ['--detach'];
  await must(['checkout', '--quiet', ...place, 'FETCH_HEAD'], `Checking out "${source.path}" failed`);
  await cloneSubmodules(
    (args, options) => unguarded(['-c', 'safe.directory=*', ...args], options),
    guardSubmodules(guard, source.uri),
    workspace,
  );
  return must(['rev-parse', 'HEAD'], 'The cloned commit is unknown');
}

/** The full name of the branch or tag. Asking first tells an unreachable repository from a missing branch. */
async function findRef(git: Git, source: Source): Promise<string> {
  const wanted = [`refs/heads/${source.path}`, `refs/tags/${source.path}`];
  if (source.path.startsWith('tags/')) wanted.push(`refs/${source.path}`);
  if (source.path.startsWith('refs/')) wanted.push(source.path);
  const refs = await listRefs(git, source.uri, wanted);
  const found = wanted.find((ref) => refs.includes(ref));
  if (found) return found;
  const branches = (await listRefs(git, source.uri, ['refs/heads/*'])).map((ref) => ref.replace('refs/heads/', ''));
  const some =
    branches.slice(0, MAX_NAMES_IN_MESSAGE).join(', ') + (branches.length > MAX_NAMES_IN_MESSAGE ? ', …' : '');
  throw new OperationalError('GIT_FAILED', {
    happened: `The repository ${withoutPassword(source.uri)} has no branch or tag "${source.path}"`,
    remedy:
      branches.length === 0 ? 'It is empty: push a branch first' : `Push it, or build one of its branches: ${some}`,
  });
}

async function listRefs(git: Git, uri: string, patterns: readonly string[]): Promise<string[]> {
  const result = await git(['ls-remote', '--refs', '--', uri, ...patterns]);
  if (result.exitCode !== 0) {
    throw gitError(
      {
        happened: `The source repository ${withoutPassword(uri)} cannot be read`,
        remedy: 'Check the address and that the key or token of the build may read it',
      },
      result,
    );
  }
  return result.stdout.split('\n').flatMap((line) => line.split('\t')[1] ?? []);
}

async function prepareWorkspace(workspace: string): Promise<void> {
  try {
    await mkdir(workspace, { recursive: true });
    const names = await readdir(workspace);
    if (names.length > 0 && !existsSync(join(workspace, '.git', MARKER))) {
      throw new OperationalError('WORKSPACE_UNUSABLE', {
        happened: `The workspace ${workspace} is not empty and was not made by an earlier export`,
        remedy: 'Name an empty directory, or one that does not exist',
      });
    }
    await Promise.all(names.map((name) => rm(join(workspace, name), { recursive: true, force: true })));
    await mkdir(join(workspace, '.git'));
    // Written before the clone, so that a half-made workspace is recognised by the next try.
    await writeFile(join(workspace, '.git', MARKER), '');
  } catch (cause) {
    if (cause instanceof OperationalError) throw cause;
    throw new OperationalError('WORKSPACE_UNUSABLE', {
      happened: `The workspace ${workspace} cannot be used: ${messageOf(cause)}`,
      remedy: 'Name a directory that the user of the build may write to',
      cause,
    });
  }
}
