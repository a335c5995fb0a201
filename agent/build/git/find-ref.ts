import { GitFailure, gitFailure, gitRemedy } from './explain-git-failure.ts';
import { IMPATIENT, withoutPassword, type Git } from './git.ts';
import { parseListedRefs } from './listed-refs.ts';
import { formatOfName, type ObjectFormat } from './object-format.ts';

export interface Source {
  readonly uri: string;
  /** A branch or a tag; `tags/NAME` and full ref names are understood too. */
  readonly path: string;
  /** A commit of it, in full; without one, the latest. */
  readonly commit?: string | undefined;
}

const MAX_NAMES_IN_MESSAGE = 10;

interface FoundRef {
  readonly ref: string;
  readonly format: ObjectFormat;
}

/** The full names that may be meant by the name of a branch, tag or ref. The first that is there is meant. */
export function wantedRefs(path: string): [string, ...string[]] {
  const rest = [`refs/tags/${path}`, `refs/${path}`];
  // A branch may be called refs/pull/7/merge too, and whoever orders a full name does not mean that branch.
  return path.startsWith('refs/') ? [path, `refs/heads/${path}`, ...rest] : [`refs/heads/${path}`, ...rest];
}

/** The full name of the branch, tag or ref. Asking first tells an unreachable repository from a missing branch. */
export async function findRef(git: Git, source: Source): Promise<FoundRef> {
  const { path } = source;
  const wanted = wantedRefs(path);
  const refs = await listRefs(git, source.uri, wanted);
  const found = wanted.find((ref) => refs.has(ref));
  if (found) return { ref: found, format: formatOfName(refs.get(found) ?? '') };
  const branches = [...(await listRefs(git, source.uri, ['refs/heads/*'])).keys()];
  if (branches.length === 0 && !(await speaksGit(git, source.uri))) throw noRepository(source.uri);
  const happened = `The repository ${withoutPassword(source.uri)} has no ${kindOfName(path)} "${path}"`;
  throw new GitFailure('GIT_FAILED', 'ref-missing', { happened, remedy: whatToBuildInstead(path, branches) });
}

/**
 * Returns whether a server that lists no refs speaks the protocol of git, as one with an empty repository does. By HTTP git takes a
 * page of one line, such as that of a sign-in, for an empty repository of plain files.
 */
async function speaksGit(git: Git, uri: string): Promise<boolean> {
  if (!/^https?:/i.test(uri)) return true;
  const asked = await git([...IMPATIENT, 'ls-remote', '--', uri], { environment: { GIT_TRACE_PACKET: '1' } });
  return /\bpacket: /.test(asked.stderr);
}

function noRepository(uri: string): GitFailure {
  return new GitFailure('GIT_FAILED', 'repository-missing', {
    happened: `There is no repository at ${withoutPassword(uri)}: its server answers with something else, or with an empty page`,
    remedy: gitRemedy('repository-missing', 'source'),
  });
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
