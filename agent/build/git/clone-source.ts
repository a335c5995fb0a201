import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { addOrigin } from './add-origin.ts';
import { cloneSubmodules } from './clone-submodules.ts';
import { EarlyFetch, FETCH } from './early-fetch.ts';
import { GitFailure, gitFailure, type GitLocation } from './explain-git-failure.ts';
import { findRef, type Source } from './find-ref.ts';
import { withoutPassword, type Git } from './git.ts';
import { WITHOUT_LFS } from './large-files.ts';
import { initRepository, type ObjectFormat } from './object-format.ts';
import { isPassing } from './patient-git.ts';
import { guardSubmodules, type RepositoryGuard } from './repository-guard.ts';

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
  const clone = new SourceClone(await guard(unguarded, source.uri), source, workspace);
  const { ref, early } = await clone.begin();
  await clone.fetch(ref, early);
  const commit = await clone.checkOut(ref);
  await cloneSubmodules(
    (args, options) => unguarded(['-c', 'safe.directory=*', ...WITHOUT_LFS, ...args], options),
    guardSubmodules(guard, source.uri),
    workspace,
  );
  return { commit, fetched: source.commit ?? ref, workspace, git: clone.git };
}

class SourceClone {
  readonly git: Git;
  readonly #guarded: Git;
  readonly #source: Source;
  readonly #workspace: string;

  constructor(guarded: Git, source: Source, workspace: string) {
    this.git = gitInWorkspace(guarded, workspace);
    this.#guarded = guarded;
    this.#source = source;
    this.#workspace = workspace;
  }

  /** Makes the repository, and asks the source what it has. Nothing runs on when this throws. */
  async begin(): Promise<{ ref: string; early: EarlyFetch | undefined }> {
    // What was exported before stays until the source has answered.
    const isNew = await isEmpty(this.#workspace);
    const [found, made] = await Promise.allSettled([
      findRef(this.#guarded, this.#source),
      isNew ? this.#beginEarly() : undefined,
    ]);
    const early = made.status === 'fulfilled' ? made.value : undefined;
    if (found.status === 'rejected') {
      await early?.end();
      throw found.reason;
    }
    if (made.status === 'rejected') throw made.reason;
    const { ref, format } = found.value;
    if (early && format === 'sha1') return { ref, early };
    await early?.end();
    await this.#initialise(format);
    return { ref, early: undefined };
  }

  /** Nearly every repository has SHA-1, and asking takes longer than making one. */
  async #beginEarly(): Promise<EarlyFetch> {
    await this.#initialise('sha1');
    return new EarlyFetch(this.git, this.#source);
  }

  async #initialise(format: ObjectFormat): Promise<void> {
    const unusable = `The workspace ${this.#workspace} cannot be made`;
    await prepareWorkspace(this.#workspace);
    await initRepository(this.git, { directory: this.#workspace, format, side: 'source' }, unusable);
    try {
      await addOrigin(this.#workspace, this.#source.uri);
    } catch (cause) {
      throw unusableWorkspace(this.#workspace, cause);
    }
  }

  async fetch(ref: string, early: EarlyFetch | undefined): Promise<void> {
    const { uri, path, commit } = this.#source;
    const target = commit ?? ref;
    const shallow = (await early?.resultOf(target)) ?? (await this.git([...FETCH, '--depth=1', 'origin', target]));
    if (shallow.exitCode === 0) return;
    const failed = `Fetching "${path}" of ${withoutPassword(uri)} failed`;
    if (commit === undefined && isPassing(shallow)) throw gitFailure(failed, shallow, 'source');
    // A server may know no shallow clones (plain files over HTTP), or refuse a commit that is no branch's tip (a pinned
    // submodule); then the whole history is the only way.
    await this.#must([...FETCH, 'origin', ref], failed);
    if (commit !== undefined) await requireCommit(this.git, this.#source, commit);
  }

  /** Returns the commit. */
  async checkOut(ref: string): Promise<string> {
    const target = this.#source.commit ?? 'FETCH_HEAD';
    const branch = ref.startsWith('refs/heads/') ? ['-B', ref.slice('refs/heads/'.length)] : ['--detach'];
    const failed = `Checking out "${this.#source.path}" failed`;
    const [commit, done] = await Promise.allSettled([
      this.git(['rev-parse', '--quiet', '--verify', `${target}^{commit}`]),
      this.#must([...WITHOUT_LFS, 'checkout', '--quiet', ...branch, target], failed, 'workspace'),
    ]);
    if (commit.status === 'rejected') throw commit.reason;
    if (commit.value.exitCode !== 0) {
      throw new GitFailure('GIT_FAILED', 'ref-missing', {
        happened: `"${this.#source.path}" of ${withoutPassword(this.#source.uri)} is the name of something else than a commit`,
        remedy: 'Build a branch, or a tag of a commit',
      });
    }
    if (done.status === 'rejected') throw done.reason;
    return commit.value.stdout.trim();
  }

  async #must(args: readonly string[], happened: string, side: GitLocation = 'source'): Promise<string> {
    const result = await this.git(args);
    if (result.exitCode === 0) return result.stdout.trim();
    throw gitFailure(happened, result, side);
  }
}

/** One that is not there is empty; one that cannot be read is told of when it is needed. */
async function isEmpty(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).length === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
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
    throw unusableWorkspace(workspace, cause);
  }
}

function unusableWorkspace(workspace: string, cause: unknown): OperationalError {
  if (/^(?:ENOSPC|EDQUOT)$/.test((cause as NodeJS.ErrnoException).code ?? '')) {
    return gitFailure(
      `The workspace ${workspace} cannot be made`,
      { exitCode: 1, stdout: '', stderr: messageOf(cause) },
      'workspace',
    );
  }
  return new OperationalError('WORKSPACE_UNUSABLE', {
    happened: `The workspace ${workspace} cannot be used: ${messageOf(cause)}`,
    remedy: 'Name a directory that the user of the build may write to',
    cause,
  });
}
