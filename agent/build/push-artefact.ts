import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../../shared/model/error.ts';
import { DEPLOY_GIT_SSH_COMMAND } from '../../shared/protocol/build-export.ts';
import { createGit, gitError, withoutPassword, type Git } from './git.ts';
import type { BuildWorld } from './build-world.ts';
import { absoluteUri, localRepositoryEnvironment } from './local-repository.ts';
import { createRepositoryGuard } from './repository-guard.ts';

export interface Artefact {
  readonly workspace: string;
  readonly deployUri: string;
  /** The branch, without refs/heads/. */
  readonly deployPath: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly message: string;
}

/** The commit that the branch now has; `isNew` is false when the build made what was there already. */
export interface PushedArtefact {
  readonly commit: string;
  readonly isNew: boolean;
}

/**
 * Commits the workspace as it lies there and pushes it. The artefact branch has its own history: a new commit on top
 * of its last one, or a first commit without a parent. Not on top of the source, because a shallow clone has no
 * history to push, and not by force, because a deployed commit must stay reachable and a protected branch refuses it.
 * The repository for that is one of its own, so whatever a step did to the workspace's .git (hooks, index, settings)
 * has no part in what is pushed with the deploy key.
 */
export async function pushArtefact(
  world: BuildWorld,
  artefact: Artefact,
  privateDirectory: string,
): Promise<PushedArtefact> {
  const uri = absoluteUri(artefact.deployUri, world.cwd);
  const sshCommand = world.environment[DEPLOY_GIT_SSH_COMMAND];
  const unguarded = createGit(world, {
    ...(await localRepositoryEnvironment(world, uri, privateDirectory)),
    ...(sshCommand ? { GIT_SSH_COMMAND: sshCommand } : {}),
  });
  const git = await createRepositoryGuard(world)(unguarded, uri);
  const ref = `refs/heads/${artefact.deployPath}`;
  const repository = join(privateDirectory, 'artefact');
  const shown = withoutPassword(uri);
  await must(git, ['init', '--quiet', '--template=', repository], {
    happened: 'The artefact repository cannot be made',
  });
  const inRepository: Git = (args, options) =>
    git([`--git-dir=${repository}/.git`, `--work-tree=${artefact.workspace}`, ...args], {
      cwd: artefact.workspace,
      ...options,
    });

  const unreachable = {
    happened: `The deploy repository ${shown} cannot be read`,
    remedy: 'Check the address and that the deploy key or token may read and write it',
  };
  const isThere = (await must(git, ['ls-remote', '--refs', '--', uri, ref], unreachable))
    .split('\n')
    .some((line) => line.endsWith(`\t${ref}`));
  if (isThere) await must(inRepository, ['fetch', '--quiet', '--depth=1', '--no-tags', uri, ref], unreachable);
  const parent = isThere ? await must(inRepository, ['rev-parse', 'FETCH_HEAD'], unreachable) : null;

  const tree = await writeTree(inRepository, artefact.workspace, repository);
  if (parent !== null && (await must(inRepository, ['rev-parse', `${parent}^{tree}`], unreachable)) === tree) {
    return { commit: parent, isNew: false };
  }
  const commit = await writeCommit(inRepository, tree, parent, artefact, world.clock.now());
  await push(inRepository, uri, commit, artefact.deployPath);
  return { commit, isNew: true };
}

async function writeTree(git: Git, workspace: string, repository: string): Promise<string> {
  await removeNestedRepositories(workspace);
  await mkdir(join(repository, '.git', 'info'), { recursive: true });
  // Over every .gitattributes: an artefact holds the very bytes that the build made.
  await writeFile(join(repository, '.git', 'info', 'attributes'), '* -text -filter -ident -working-tree-encoding\n');
  const failed = { happened: 'The artefact cannot be committed' };
  // --force, because what a build makes (vendor/, node_modules/, dist/) is just what a source repository ignores.
  await must(git, ['-c', 'core.autocrlf=false', 'add', '--all', '--force', '.'], failed);
  return must(git, ['write-tree'], failed);
}

/**
 * Takes away the .git of submodules and of packages installed from source: git would record each as a bare reference
 * to another repository and leave its files out of the artefact. Nothing runs in the workspace after this.
 */
async function removeNestedRepositories(workspace: string): Promise<void> {
  const left = [workspace];
  for (let directory = left.pop(); directory !== undefined; directory = left.pop()) {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.name === '.git') {
        if (directory !== workspace) await rm(path, { recursive: true, force: true });
      } else if (entry.isDirectory()) left.push(path);
    }
  }
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
  throw gitError({ happened: 'The artefact cannot be committed', remedy: 'Check --author and --message' }, result);
}

async function push(git: Git, uri: string, commit: string, branch: string): Promise<void> {
  const result = await git(['push', '--porcelain', uri, `${commit}:refs/heads/${branch}`]);
  if (result.exitCode === 0) return;
  // In porcelain output a refused ref has a line that begins with "!" (git-push manual, OUTPUT).
  const refused = result.stdout
    .split('\n')
    .find((line) => line.startsWith('!\t'))
    ?.split('\t')[2];
  const shown = withoutPassword(uri);
  if (refused === undefined) {
    throw gitError(
      {
        happened: `Pushing to ${shown} failed`,
        remedy: 'Check the address and that the deploy key or token may write to it',
      },
      result,
    );
  }
  const words = withoutPassword(
    [refused, ...result.stderr.trim().split('\n')].filter((line) => line !== '').join('\n'),
  );
  throw new OperationalError('PUSH_REJECTED', {
    happened: `The repository ${shown} rejected the artefact for the branch "${branch}": ${words}`,
    remedy: 'Allow the deploy key to push to this branch, or deploy to another one, and build again',
  });
}

async function must(git: Git, args: readonly string[], what: { happened: string; remedy?: string }): Promise<string> {
  const result = await git(args);
  if (result.exitCode === 0) return result.stdout.trim();
  throw gitError({ remedy: 'Make sure that there is disk space and that every file can be read', ...what }, result);
}
