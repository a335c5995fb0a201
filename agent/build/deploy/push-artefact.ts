import type { PushedCommit } from '../../../shared/protocol/artefact-line.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leftOutLine, prepareArtefactFiles, type ArtefactFiles } from './artefact-files.ts';
import type { BuildDeps } from '../build-deps.ts';
import { createDeployGit } from './deploy-git.ts';
import type { DeployMeans } from './deploy-means.ts';
import { askRemote, pushCommit } from './deploy-remote.ts';
import { gitFailure } from '../git/explain-git-failure.ts';
import { withoutPassword, type Git } from '../git/git.ts';
import { absoluteUri } from '../git/local-repository.ts';
import { initRepository } from '../git/object-format.ts';
import { guardPatiently, patientGit } from '../git/patient-git.ts';

export interface Artefact {
  readonly workspace: string;
  readonly deployUri: string;
  /** The branch, without refs/heads/. */
  readonly deployPath: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly message: string;
}

/**
 * Commits the workspace as it lies there, pushes it, and asks the repository whether it has it. The artefact branch has
 * its own history: a new commit on top of its last one, or a first commit without a parent. Not on top of the source,
 * because a shallow clone has no history to push, and not by force, because a deployed commit must stay reachable and
 * a protected branch refuses it. The repository for that is a fresh one in `directory`, which was made after the last
 * step, in the format of the other side.
 */
export async function pushArtefact(
  deps: BuildDeps,
  means: DeployMeans,
  artefact: Artefact,
  directory: string,
): Promise<PushedCommit> {
  const uri = absoluteUri(artefact.deployUri, deps.cwd);
  const unguarded = await createDeployGit(deps, means, { uri, directory });
  const say = (line: string): unknown => deps.stdout(`${line}\n`);
  const notes = { onRetry: say, onRecovered: say };
  const remote = { uri, shown: withoutPassword(uri), branch: artefact.deployPath };
  const git = await guardPatiently(deps, unguarded, uri, notes);
  const patient = patientGit(deps, git, remote.shown, notes);
  const before = await askRemote(patient, remote, directory);
  const where = { directory, format: before.format };
  const inRepository = await makeRepository(git, artefact.workspace, where);
  // The second push of a commit that had arrived is told that everything is up to date.
  const pushing = patientGit(deps, inRepository, remote.shown, notes);
  const parent = before.commit;
  if (parent !== null) {
    const fetch = ['fetch', '--quiet', '--depth=1', '--no-tags', '--', uri, `refs/heads/${remote.branch}`];
    const fetched = await pushing(fetch);
    if (fetched.exitCode !== 0) {
      throw gitFailure(`The deploy repository ${remote.shown} cannot be read`, fetched, 'deploy');
    }
  }
  await sayWhatIsMissing(deps, await prepareArtefactFiles(artefact.workspace));
  const tree = await writeTree(inRepository, directory);
  const same = parent === null ? null : await inRepository(['rev-parse', '--quiet', '--verify', `${parent}^{tree}`]);
  if (parent !== null && same?.stdout.trim() === tree) return { commit: parent, isNew: false };
  const commit = await writeCommit(inRepository, tree, parent, artefact, deps.clock.now());
  await pushCommit({ inRepository, pushing, outside: git, clock: deps.clock }, remote, { commit, directory });
  return { commit, isNew: true };
}

async function makeRepository(
  git: Git,
  workspace: string,
  where: { readonly directory: string; readonly format: 'sha1' | 'sha256' },
): Promise<Git> {
  const repository = join(where.directory, 'artefact.git');
  const inRepository: Git = (args, options) =>
    git(args, {
      cwd: workspace,
      ...options,
      environment: { GIT_DIR: repository, GIT_WORK_TREE: workspace, ...options?.environment },
    });
  const happened = 'The artefact repository cannot be made';
  await initRepository(inRepository, { format: where.format, side: 'deploy' }, happened);
  return inRepository;
}

/** An artefact is what a site is made of, so that nothing is missing from it in silence. */
async function sayWhatIsMissing(deps: BuildDeps, files: ArtefactFiles): Promise<void> {
  const line = leftOutLine(files);
  if (line !== null) await deps.stdout(`${line}\n`);
  if (files.count > 0) return;
  await deps.stderr('warning: the steps have left no file in the workspace, so the artefact that is pushed is empty\n');
}

async function writeTree(git: Git, directory: string): Promise<string> {
  const info = join(directory, 'artefact.git', 'info');
  await mkdir(info, { recursive: true });
  // Over every .gitattributes: an artefact holds the very bytes that the build made.
  await writeFile(join(info, 'attributes'), '* -text -filter -ident -working-tree-encoding\n');
  // --force, because what a build makes (vendor/, node_modules/, dist/) is just what a source repository ignores.
  await must(git, ['-c', 'core.autocrlf=false', 'add', '--all', '--force', '.']);
  return must(git, ['write-tree']);
}

async function writeCommit(
  git: Git,
  tree: string,
  parent: string | null,
  artefact: Artefact,
  now: Date,
): Promise<string> {
  const { name, email } = artefact.author;
  const date = `${Math.floor(now.getTime() / 1000)} +0000`;
  const environment = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
  const args = ['commit-tree', tree, ...(parent === null ? [] : ['-p', parent]), '-F', '-'];
  const result = await git(args, { input: `${artefact.message}\n`, environment });
  if (result.exitCode === 0) return result.stdout.trim();
  throw gitFailure('The artefact cannot be committed', result, 'workspace');
}

async function must(git: Git, args: readonly string[]): Promise<string> {
  const result = await git(args);
  if (result.exitCode === 0) return result.stdout.trim();
  throw gitFailure('The artefact cannot be committed', result, 'workspace');
}
