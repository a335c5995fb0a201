import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OperationalError } from '../../../shared/model/error.ts';
import { GitFailure, gitFailure } from './explain-git-failure.ts';
import { IMPATIENT, withoutPassword, type Git, type GitResult } from './git.ts';
import { isPassing } from './patient-git.ts';
import type { RepositoryGuard } from './repository-guard.ts';

// Deeper than any that was ever seen; a repository may name itself as its submodule.
const MAX_DEPTH = 20;

/**
 * Clones the submodules of a workspace, level by level: git works their addresses out, each is judged, and only then is
 * spoken to. `git` runs in `directory`.
 */
export async function cloneSubmodules(
  git: Git,
  guard: RepositoryGuard,
  directory: string,
  depth = MAX_DEPTH,
): Promise<void> {
  if (!existsSync(join(directory, '.gitmodules'))) return;
  if (depth === 0) {
    throw new OperationalError('GIT_FAILED', {
      happened: `The submodules in ${directory} are nested more than ${MAX_DEPTH} deep`,
      remedy: 'Remove a submodule that holds itself',
    });
  }
  const here: Git = (args, options) => git(args, { ...options, cwd: directory });
  await must(here(['submodule', '--quiet', 'init']), `The submodules in ${directory} cannot be read`);
  for (const { path, uri } of await listSubmodules(here)) {
    const guarded = await guard(here, uri);
    const update = ['submodule', '--quiet', 'update'];
    const happened = `Cloning the submodule ${path} from ${withoutPassword(uri)} failed`;
    const asked = await guarded([...IMPATIENT, 'ls-remote', '--', uri, 'HEAD']);
    if (asked.exitCode !== 0) throw unreadable(happened, asked, uri);
    // A server may know no shallow clones, or refuse a commit that is no branch's tip; then it is the whole history.
    const shallow = await guarded([...update, '--depth=1', '--', path]);
    if (isPassing(shallow)) throw gitFailure(happened, shallow, 'source');
    if (shallow.exitCode !== 0) {
      await must(guarded([...update, '--', path]), happened);
    }
    await cloneSubmodules(git, guard, join(directory, path), depth - 1);
  }
}

/** The failure of a submodule that could not be asked for its HEAD. */
function unreadable(happened: string, output: GitResult, uri: string): GitFailure {
  const failure = gitFailure(happened, output, 'source');
  if (failure.kind !== 'access-denied' || !/^https?:\/\/[^@/]+\//i.test(uri)) return failure;
  // git takes user and password of the source for a relative address only.
  return new GitFailure('GIT_FAILED', failure.kind, {
    happened: failure.happened,
    remedy: `${failure.remedy}; a submodule with a relative url, such as ../lib.git, is read with those of the source`,
  });
}

/**
 * Those that `submodule init` has made active, with the address that git made of a relative one. One with `update = none` is
 * not cloned, so its address is no matter.
 */
async function listSubmodules(git: Git): Promise<{ path: string; uri: string }[]> {
  const paths = await readValues(git, ['--file', '.gitmodules'], 'path');
  const uris = await readValues(git, ['--local'], 'url');
  const updates = await readValues(git, [], 'update');
  return [...uris].flatMap(([name, uri]) => {
    const path = paths.get(name);
    return path === undefined || updates.get(name) === 'none' ? [] : [{ path, uri }];
  });
}

async function readValues(git: Git, source: readonly string[], key: string): Promise<Map<string, string>> {
  const found = await git(['config', ...source, '--null', '--get-regexp', `^submodule\\..*\\.${key}$`]);
  const values = new Map<string, string>();
  for (const item of found.stdout.split('\0')) {
    const [, name, value] = /^submodule\.(.*)\.[a-z]+\n(.*)$/s.exec(item) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, value);
  }
  return values;
}

async function must(result: ReturnType<Git>, happened: string): Promise<void> {
  const output = await result;
  if (output.exitCode !== 0) throw gitFailure(happened, output, 'source');
}
