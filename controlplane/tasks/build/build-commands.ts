import { DEPLOY_GIT_SSH_COMMAND, DEPLOY_KEY_FILE, REPOSITORY_HOSTS } from '../../../shared/protocol/build-export.ts';
import { BUILD_RECORD } from '../../../shared/protocol/build-record.ts';
import { buildPath, privateKey, type RepositoryRole } from './build-memory.ts';
import type { BuildPlan, BuildStepsOptions } from './build-steps-options.ts';
import type { WipContext } from '../context.ts';
import { shellQuote } from '../../../shared/text/shell-quote.ts';

// As the build tool has it for its own command: OpenSSH waits without end for a server that says nothing.
const SSH_PATIENCE = '-o ConnectTimeout=30 -o ServerAliveInterval=30';

/** Returns the command that clones the source and exports its build file as JSON. */
export function exportCommand(context: WipContext, plan: BuildPlan): string[] {
  const { sourceUri, sourcePath, sourceCommit, mergeRef } = plan;
  return [
    ...[...context.settings.buildTool, 'export'],
    ...['--source-uri', sourceUri ?? '', '--source-path', mergeRef ?? sourcePath],
    ...(sourceCommit ? ['--source-commit', sourceCommit] : []),
    ...['--workspace', buildPath(context, 'workspace')],
  ];
}

/** Returns the command that runs the steps of an event, and pushes the artefact if the event is `build`. */
export function runCommand(context: WipContext, plan: BuildPlan, options: BuildStepsOptions): string[] {
  const { event, sourcePath, deployUri, deployPath } = plan;
  return [
    ...[...context.settings.buildTool, 'run', '--event', event],
    ...['--workspace', buildPath(context, 'workspace'), '--source-path', sourcePath],
    ...(event === 'build' && deployUri ? ['--deploy-uri', deployUri, '--deploy-path', deployPath] : []),
    ...(options.commitAuthor ? ['--author', options.commitAuthor] : []),
    ...(options.commitMessage ? ['--message', options.commitMessage] : []),
  ];
}

/** Returns the environment that both commands of the build tool need. */
export function toolEnvironment(context: WipContext): Record<string, string> {
  return {
    GIT_SSH_COMMAND: shellQuote(buildPath(context, 'git-ssh-source')),
    [BUILD_RECORD]: buildPath(context, 'record'),
    [REPOSITORY_HOSTS]: context.settings.repositoryHosts.text,
  };
}

/** Returns the ssh command for a repository. It fails instead of asking, because a build has no one at a terminal. */
export function sshCommand(context: WipContext, repository: RepositoryRole): string {
  const key = shellQuote(buildPath(context, `ssh/${repository}`));
  const identity = privateKey(context, repository) ? ` -i ${key} -o IdentitiesOnly=yes` : '';
  return `ssh${identity} -o BatchMode=yes -o StrictHostKeyChecking=accept-new ${SSH_PATIENCE}`;
}

/**
 * Returns the variables that give the build tool the key of the deploy repository. Wip's own tool removes the file
 * before the first step. The command is for custom build tools that do not know DEPLOY_KEY_FILE.
 */
export function deployKeyEnvironment(context: WipContext): Record<string, string> {
  if (!privateKey(context, 'deploy')) return {};
  return {
    [DEPLOY_KEY_FILE]: buildPath(context, 'ssh/deploy'),
    [DEPLOY_GIT_SSH_COMMAND]: sshCommand(context, 'deploy'),
  };
}
