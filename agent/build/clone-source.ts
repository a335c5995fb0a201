import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { cloneSubmodules } from './clone-submodules.ts';
import { GitFailure, gitFailure, type GitLocation } from './explain-git-failure.ts';
import { IMPATIENT, withoutPassword, type Git } from './git.ts';
import { WITHOUT_LFS } from './large-files.ts';
import { parseListedRefs } from './listed-refs.ts';
import { formatOfName, initRepository, type ObjectFormat } from './object-format.ts';
import { isPassing } from './patient-git.ts';
import { guardSubmodules, type RepositoryGuard } from './repository-guard.ts';

export interface Source {
  readonly uri: string;
  /** A branch or a tag; `tags/NAME` and full ref names are understood too. */
  readonly path: string;
  /** A commit of it, in full; without one, the latest. */
  readonly commit?: string | undefined;
}

/** A source in a workspace. */
export interface ClonedSource {
  readonly commit: string;
  /** What was fetched: the full name of a ref, or the commit that was asked for. */
  readonly fetched: string;
  readonly workspace: string;
  /** git in the workspace, whose `origin` may be spoken to. */
  readonly git: Git;
}

/** Says that a workspace was made here and may be made anew; nothing else is ever deleted. */
const MARKER = 'wip-build-export';
const MAX_NAMES_IN_MESSAGE = 10;
// A fresh clone needs no housekeeping, which git would start after each fetch; gc.auto is its name before 2.29.
const FETCH = ['-c', 'maintenance.auto=false', '-c', 'gc.auto=0', 'fetch', '--quiet', '--no-tags'];

/** git in a workspace that may belong to another user. */
function gitInWorkspace(git: Git, workspace: string): Git {
  return (args, options) => git(['-c', `safe.directory=${workspace}`, ...args], { cwd: workspace, ...options });
}

/**
 * Clones without history, with submodules, and returns what it has cloned. Files of Git LFS stay pointers. Run again, it starts
 * from nothing.
 */
export async function cloneSource(
  unguarded: Git,
  source: Source,
  workspace: string,
  guard: RepositoryGuard,
): Promise<ClonedSource> {
  const git = await guard(unguarded, source.uri);
  const inWorkspace = gitInWorkspace(git, workspace);
  const must = async (args: readonly string[], happened: string, side: GitLocation = 'source'): Promise<string> => {
    const result = await inWorkspace(args);
    if (result.exitCode === 0) return result.stdout.trim();
    throw gitFailure(happened, result, side);
  };
  // A server may know no shallow clones (plain files over HTTP), or refuse a commit that is no branch's tip (a pinned
  // submodule); then the whole history is the only way.
  const shallowFirst = async (command: string[], rest: string[], happened: string): Promise<void> => {
    const shallow = await inWorkspace([...command, '--depth=1', ...rest]);
    if (isPassing(shallow)) throw gitFailure(happened, shallow, 'source');
    if (shallow.exitCode !== 0) await must([...command, ...rest], happened);
  };
  const shown = withoutPassword(source.uri);
  const unusable = `The workspace ${workspace} cannot be made`;
  const initialise = async (format: ObjectFormat): Promise<void> => {
    await prepareWorkspace(workspace);
    await initRepository(inWorkspace, { directory: workspace, format, side: 'source' }, unusable);
    await must(['remote', 'add', 'origin', source.uri], unusable, 'workspace');
  };
  // Nearly every repository has SHA-1, and asking takes longer than making one. What was exported before stays until the
  // source has answered.
  const isNew = await isEmpty(workspace);
  const [found, made] = await Promise.allSettled([findRef(git, source), isNew ? initialise('sha1') : undefined]);
  if (found.status === 'rejected') throw found.reason;
  if (made.status === 'rejected') throw made.reason;
  const { ref, format } = found.value;
  if (!isNew || format !== 'sha1') await initialise(format);
  const failed = `Fetching "${source.path}" of ${shown} failed`;
  if (source.commit === undefined) await shallowFirst(FETCH, ['origin', ref], failed);
  else if (!(await hasFetched(inWorkspace, source.commit))) {
    await must([...FETCH, 'origin', ref], failed);
    await requireCommit(inWorkspace, source, source.commit);
  }
  const checkoutTarget = ref.startsWith('refs/heads/') ? ['-B', ref.slice('refs/heads/'.length)] : ['--detach'];
  const checkout = [...WITHOUT_LFS, 'checkout', '--quiet', ...checkoutTarget, source.commit ?? 'FETCH_HEAD'];
  await must(checkout, `Checking out "${source.path}" failed`, 'workspace');
  await cloneSubmodules(
    (args, options) => unguarded(['-c', 'safe.directory=*', ...WITHOUT_LFS, ...args], options),
    guardSubmodules(guard, source.uri),
    workspace,
  );
  const commit = await must(['rev-parse', 'HEAD'], 'The cloned commit is unknown');
  return { commit, fetched: source.commit ?? ref, workspace, git: inWorkspace };
}

/** One that is not there is empty; one that cannot be read is told of when it is needed. */
async function isEmpty(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).length === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Fetches the commit alone. Not every server gives out a commit that is no branch's tip. */
async function hasFetched(git: Git, commit: string): Promise<boolean> {
  return (await git([...FETCH, '--depth=1', 'origin', commit])).exitCode === 0;
}

/** A commit that was pushed once may have left the branch since. */
async function requireCommit(git: Git, { uri, path }: Source, commit: string): Promise<void> {
  const found = await git(['merge-base', '--is-ancestor', commit, 'FETCH_HEAD']);
  if (found.exitCode === 0) return;
  throw new GitFailure('GIT_FAILED', 'ref-missing', {
    happened: `The branch or tag "${path}" of ${withoutPassword(uri)} has no commit ${commit}`,
    remedy: 'Build a commit that is there; one that was replaced by a forced push is not',
  });
}

interface FoundRef {
  readonly ref: string;
  readonly format: ObjectFormat;
}

/** The full name of the branch, tag or ref. Asking first tells an unreachable repository from a missing branch. */
async function findRef(git: Git, source: Source): Promise<FoundRef> {
  const { path } = source;
  const wanted = [`refs/heads/${path}`, `refs/tags/${path}`, `refs/${path}`];
  // A branch may be called refs/pull/7/merge too, and whoever orders a full name does not mean that branch.
  if (path.startsWith('refs/')) wanted.unshift(path);
  const refs = await listRefs(git, source.uri, wanted);
  const found = wanted.find((ref) => refs.has(ref));
  if (found) return { ref: found, format: formatOfName(refs.get(found) ?? '') };
  const branches = [...(await listRefs(git, source.uri, ['refs/heads/*'])).keys()];
  const happened = `The repository ${withoutPassword(source.uri)} has no ${kindOfName(path)} "${path}"`;
  throw new GitFailure('GIT_FAILED', 'ref-missing', { happened, remedy: whatToBuildInstead(path, branches) });
}

function kindOfName(path: string): string {
  return /^refs\/(?!heads\/|tags\/)/.test(path) ? 'ref' : 'branch or tag';
}

function whatToBuildInstead(path: string, branches: readonly string[]): string {
  if (kindOfName(path) === 'ref') {
    return 'Check its name; a server has no merge ref for a pull request that is closed or has conflicts';
  }
  const names = branches.map((ref) => ref.replace('refs/heads/', ''));
  const some = names.slice(0, MAX_NAMES_IN_MESSAGE).join(', ') + (names.length > MAX_NAMES_IN_MESSAGE ? ', …' : '');
  return names.length === 0 ? 'It is empty: push a branch first' : `Push it, or build one of its branches: ${some}`;
}

/** Ref names with the names of their objects. */
async function listRefs(git: Git, uri: string, patterns: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const result = await git([...IMPATIENT, 'ls-remote', '--refs', '--', uri, ...patterns]);
  if (result.exitCode !== 0) {
    throw gitFailure(`The source repository ${withoutPassword(uri)} cannot be read`, result, 'source');
  }
  return parseListedRefs(result.stdout);
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
