import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GitHistory } from '../../../shared/protocol/build-export.ts';
import type { ClonedSource } from './clone-source.ts';
import { gitFailure } from './explain-git-failure.ts';

/** Fetches the commits and tags that a build file asks for. The clone has one commit and no tags. */
export async function fetchHistory(
  { git, fetched, workspace }: ClonedSource,
  { depth, tags }: GitHistory,
): Promise<void> {
  const isShallow = existsSync(join(workspace, '.git', 'shallow'));
  // A server that knows no shallow clones has given the whole history already.
  if (!isShallow && !tags) return;
  const howFar = !isShallow ? [] : [depth === 0 ? '--unshallow' : `--depth=${depth}`];
  const result = await git(['fetch', '--quiet', ...howFar, tags ? '--tags' : '--no-tags', 'origin', fetched]);
  const what = `${depth === 0 ? 'all commits' : `${depth} commits`}${tags ? ' and the tags' : ''}`;
  if (result.exitCode !== 0)
    throw gitFailure(`Fetching ${what}, as "git" in the build file asks, failed`, result, 'source');
}
