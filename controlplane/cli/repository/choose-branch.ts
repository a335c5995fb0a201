import { OperationalError } from '../../../shared/model/error.ts';
import type { LocalRepository } from './find-repository.ts';
import { oneLine } from '../output/text.ts';

/** The branch that is going to be built, and warnings about it. */
export interface BuiltBranch {
  readonly vcsPath: string;
  /** The commit of the branch, abbreviated. */
  readonly commit: string;
  /** The branch for people, such as `app feature/x@1d4c540`. */
  readonly shown: string;
  readonly warnings: readonly string[];
}

const MAX_NAMES_IN_MESSAGE = 10;
const MAX_FILES_IN_MESSAGE = 3;

/**
 * Returns the branch or tag that was asked for, else the branch that is checked out. Throws USAGE when there is none.
 */
export function chooseBranch(repository: LocalRepository, wanted: string | undefined): BuiltBranch {
  const current = currentBranch(repository);
  const ref = wanted === undefined ? (current ?? refuseDetached(repository)) : findRef(repository, wanted);
  const commit = commitOf(repository, ref);
  if (commit === null) throw unborn(repository, ref);
  const vcsPath = wanted ?? shortened(ref);
  const warnings = ref === current && repository.hasWorkingTree ? uncommitted(repository) : [];
  return { vcsPath, commit, shown: oneLine(`${repository.name} ${shortened(ref)}@${commit}`), warnings };
}

function shortened(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '');
}

/** Returns the full name of the branch that is checked out; null with a detached HEAD. */
function currentBranch({ git, directory }: LocalRepository): string | null {
  const head = git(directory, ['symbolic-ref', '--quiet', 'HEAD']);
  return head.exitCode === 0 ? head.stdout : null;
}

function commitOf({ git, directory }: LocalRepository, ref: string): string | null {
  const commit = git(directory, ['rev-parse', '--verify', '--quiet', '--short', '--end-of-options', `${ref}^{commit}`]);
  return commit.exitCode === 0 ? commit.stdout : null;
}

function findRef(repository: LocalRepository, wanted: string): string {
  const candidates = [`refs/heads/${wanted}`, `refs/tags/${wanted}`];
  if (wanted.startsWith('tags/')) candidates.push(`refs/${wanted}`);
  if (wanted.startsWith('refs/')) candidates.push(wanted);
  const found = candidates.find((ref) => commitOf(repository, ref) !== null);
  if (found) return found;
  const branches = namesOf(repository, ['refs/heads']);
  throw new OperationalError('USAGE', {
    happened: `The repository ${repository.directory} has no branch or tag "${wanted}"`,
    remedy: branches === '' ? 'It has no commits: commit what is to be built' : `Name one of its branches: ${branches}`,
  });
}

function refuseDetached(repository: LocalRepository): never {
  const commit = commitOf(repository, 'HEAD') ?? 'HEAD';
  const here = namesOf(repository, ['--points-at=HEAD', 'refs/heads', 'refs/tags']);
  const names = here || namesOf(repository, ['refs/heads']);
  throw new OperationalError('USAGE', {
    happened: `In ${repository.directory} the commit ${commit} is checked out and no branch (a detached HEAD)`,
    remedy: `Say which branch or tag to build with --branch${names === '' ? '' : `, such as: ${names}`}`,
  });
}

function unborn(repository: LocalRepository, ref: string): OperationalError {
  return new OperationalError('USAGE', {
    happened: `The branch ${shortened(ref)} of ${repository.directory} has no commits yet`,
    remedy: 'Commit what is to be built: run "git add --all" and "git commit" there first',
  });
}

function namesOf({ git, directory }: LocalRepository, which: readonly string[]): string {
  const { stdout } = git(directory, ['for-each-ref', '--format=%(refname)', ...which]);
  return listed(stdout.split('\n').filter(Boolean).map(shortened), MAX_NAMES_IN_MESSAGE);
}

function listed(names: readonly string[], max: number): string {
  return names.slice(0, max).map(oneLine).join(', ') + (names.length > max ? ', …' : '');
}

function uncommitted({ git, directory, name }: LocalRepository): string[] {
  const status = git(directory, ['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=normal']);
  if (status.exitCode !== 0)
    return [`git cannot say whether ${oneLine(name)} has uncommitted changes: ${oneLine(status.words)}`];
  const files = status.stdout.split('\0').filter(Boolean);
  if (files.length === 0) return [];
  const what = files.length === 1 ? 'One uncommitted change' : `${files.length} uncommitted changes`;
  const names = files.map((line) => line.slice(3));
  return [
    `${what} of ${oneLine(name)} will not be built: ${listed(names, MAX_FILES_IN_MESSAGE)}; commit what is to be built`,
  ];
}
