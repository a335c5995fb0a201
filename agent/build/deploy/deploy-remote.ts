import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitFailureKind } from '../../../shared/protocol/git-failure.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { classifyRefusal, GitFailure, gitFailure, gitRemedy } from '../git/explain-git-failure.ts';
import { gitWords } from '../git/git-words.ts';
import { IMPATIENT, type Git, type GitResult } from '../git/git.ts';
import { parseListedRefs } from '../git/listed-refs.ts';
import { formatFromTrace, formatOfName, type ObjectFormat } from '../git/object-format.ts';

/** A branch of the repository that an artefact goes to. */
export interface DeployRemote {
  readonly uri: string;
  /** The address for people, without a password. */
  readonly shown: string;
  readonly branch: string;
}

/**
 * The commit of the branch, or null, and the format of the repository. `git` runs outside any repository, so no
 * configuration can lead it to another address.
 */
export async function askRemote(
  git: Git,
  remote: DeployRemote,
  directory: string,
): Promise<{ readonly commit: string | null; readonly format: ObjectFormat }> {
  const ref = `refs/heads/${remote.branch}`;
  // A repository without the branch shows its format only in what the programs say to each other.
  const trace = join(directory, 'packets');
  const result = await git([...IMPATIENT, 'ls-remote', '--refs', '--', remote.uri, ref], {
    environment: { GIT_TRACE_PACKET: trace },
  });
  if (result.exitCode !== 0) {
    throw gitFailure(`The deploy repository ${remote.shown} cannot be read`, result, 'deploy');
  }
  const commit = parseListedRefs(result.stdout).get(ref) ?? null;
  const format = commit === null ? formatFromTrace(await takeFile(trace)) : formatOfName(commit);
  await rm(trace, { force: true });
  return { commit, format };
}

async function takeFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return ''; // plain files over HTTP: nothing was said
  }
}

/** `inRepository` has the artefact; `pushing` is the same, and repeats; `outside` runs outside any repository. */
export interface PushTools {
  readonly inRepository: Git;
  readonly pushing: Git;
  readonly outside: Git;
  readonly clock: Clock;
}

// A server may answer from a copy that is a moment behind.
const ASK_AGAIN_AFTER_MS = [500, 1_000, 2_000, 4_000];

/** Pushes the commit, and returns once the repository has said that its branch has it. */
export async function pushCommit(
  tools: PushTools,
  remote: DeployRemote,
  what: { readonly commit: string; readonly directory: string },
): Promise<void> {
  const { commit, directory } = what;
  const refspec = `${commit}:refs/heads/${remote.branch}`;
  const pushed = await tools.pushing(['push', '--porcelain', '--', remote.uri, refspec]);
  if (pushed.exitCode !== 0) throw pushFailure(pushed, remote);
  let doubt = await findDoubt(tools, remote, { commit, directory });
  for (const waitMs of ASK_AGAIN_AFTER_MS) {
    if (doubt === null) return;
    await tools.clock.sleep(waitMs);
    doubt = await findDoubt(tools, remote, { commit, directory });
  }
  if (doubt === null) return;
  throw new GitFailure('GIT_FAILED', doubt.kind, {
    happened: `git pushed commit ${commit} to the branch "${remote.branch}" of ${remote.shown}, but ${doubt.words}`,
    remedy: gitRemedy(doubt.kind, 'deploy'),
  });
}

/** Why it is not certain that the repository has the commit; null when it is. */
async function findDoubt(
  tools: PushTools,
  remote: DeployRemote,
  what: { readonly commit: string; readonly directory: string },
): Promise<{ readonly kind: GitFailureKind; readonly words: string } | null> {
  try {
    const { commit } = await askRemote(tools.outside, remote, what.directory);
    if (commit === what.commit || (commit !== null && (await isBelow(tools.inRepository, remote, what.commit))))
      return null;
    const found = commit === null ? 'has no such branch' : `has commit ${commit} there`;
    return { kind: 'unconfirmed', words: `that repository ${found}` };
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return { kind: error.kind, words: `whether it is there could not be asked (${error.message})` };
  }
}

/** Whether somebody has pushed on top of the commit already. */
async function isBelow(git: Git, remote: DeployRemote, commit: string): Promise<boolean> {
  const fetched = await git(['fetch', '--quiet', '--no-tags', '--', remote.uri, `refs/heads/${remote.branch}`]);
  if (fetched.exitCode !== 0) return false;
  return (await git(['merge-base', '--is-ancestor', commit, 'FETCH_HEAD'])).exitCode === 0;
}

function pushFailure(result: GitResult, remote: DeployRemote): GitFailure {
  // In porcelain output a refused ref has a line that begins with "!" (git-push manual, OUTPUT).
  const status = result.stdout
    .split('\n')
    .find((line) => line.startsWith('!\t'))
    ?.split('\t')[2];
  if (status === undefined) return gitFailure(`Pushing to ${remote.shown} failed`, result, 'deploy');
  const kind = classifyRefusal(status, result.stderr);
  return new GitFailure('PUSH_REJECTED', kind, {
    happened: `The repository ${remote.shown} rejected the artefact for the branch "${remote.branch}": ${gitWords(`${status}\n${result.stderr}`).replace(/\.$/, '')}`,
    remedy: gitRemedy(kind, 'deploy'),
  });
}
