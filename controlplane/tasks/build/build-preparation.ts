import { BUILD_TOOL_STANDBY } from '../../../shared/protocol/build-order.ts';
import { shellQuote } from '../../../shared/text/shell-quote.ts';
import type { ContainerInterface } from '../../containers/container.ts';
import { AbstractPipelineWip, addPresent, presentOnly } from '../pipeline/abstract-pipeline-wip.ts';
import { sshCommand } from './build-commands.ts';
import { buildMemory, buildPath, planOf, privateKey, REPOSITORIES, userVariables } from './build-memory.ts';
import { isTag, type BuildStepsOptions } from './build-steps-options.ts';
import { BUILD_STEPS_TABLE } from './build-steps-table.ts';
import { statusOfCommit } from '../pipeline/commit-status.ts';
import { launchBag } from '../container/launch-bag.ts';
import type { ContainerResultStatus } from '../container/container-wip.ts';
import { CONTAINER_TRANSITIONS } from '../container/container-state-tables.ts';
import { outputOf, startTracked, writeTracked } from '../container/container-work.ts';
import type { SecretOption, StatusReport, WipContext } from '../context.ts';
import type { OutgoingRequest } from '../outgoing-request.ts';
import { interactionResult } from '../container/interaction-result.ts';
import type { TransitionMethods, ValueOf } from '../transitions.ts';

export const PREPARATION_TRANSITIONS = {
  checkDeployPath: ['branch', 'tag'],
  checkVcsUri: ['success', 'fail'],
  checkBuildUser: CONTAINER_TRANSITIONS.checkContainerResultStatus,
} as const;
type T = typeof PREPARATION_TRANSITIONS;

/** The build tool in the agent, which the agent can have waiting. */
const AGENT_BUILD_TOOL = 'wip-agent build';

// The home directory of a user; a path of Linux has 4,096 bytes at most.
const MAX_HOME_BYTES = 4_096;

/** What comes before a build, and is taken away after it: the checks of the order, keys, variables and scripts in the container. */
export abstract class BuildPreparation<O extends BuildStepsOptions = BuildStepsOptions>
  extends AbstractPipelineWip<O>
  implements TransitionMethods<T>
{
  /** The table of the whole build: the states of the build itself are methods of BuildSteps. */
  override getStateTable(): string {
    return BUILD_STEPS_TABLE;
  }

  override addContainerOverrides(container: ContainerInterface, context: WipContext): void {
    super.addContainerOverrides(container, context);
    const { keepAlive, cloudRealm, cloudSite, gitSsh, inheritVariables, segmentUserId, segmentApplicationId } =
      this.options;
    addPresent(container, {
      SEGMENT_USER_ID: segmentUserId ?? 'unknown',
      SEGMENT_APPLICATION_ID: segmentApplicationId ?? 'unknown',
      PIPELINE_PROCESS_KEEP_ALIVE: keepAlive,
      PIPELINES_CLOUD_REALM: cloudRealm,
      PIPELINES_CLOUD_SITE: cloudSite,
      PIPELINES_ENCRYPTED_VARIABLES_AVAILABLE: 'true',
      PIPELINES_GIT_SSH: gitSsh,
      INHERIT_VARIABLES: inheritVariables,
      [BUILD_TOOL_STANDBY]: context.settings.buildTool.join(' ') === AGENT_BUILD_TOOL ? 'true' : undefined,
    });
    addPresent(container, userVariables(context), 'secure');
  }

  override statusReport(report: StatusReport, secretOption: SecretOption): readonly OutgoingRequest[] {
    const ofCommit = statusOfCommit(this.options, this.task.uuid, report, secretOption);
    return [...super.statusReport(report, secretOption), ...presentOnly(ofCommit)];
  }

  // ---- before the container ----

  checkDeployPath(): ValueOf<T, 'checkDeployPath'> {
    return isTag(this.options.deployVcsPath ?? '') ? 'tag' : 'branch';
  }

  deployPathIsTag(context: WipContext): void {
    context.exit('ERROR_USER', 'The specified deploy VCS path is a tag.', { cause: 'deploy-path-is-tag' });
  }

  // ---- preparing the container ----

  async ensureBuildUser(context: WipContext): Promise<void> {
    const shell = 'umask 077 && mkdir -p "$HOME/.wip-build/ssh" && printf %s "$HOME"';
    await startTracked(context, { command: { shell }, output: 'keep' });
  }

  async checkBuildUser(context: WipContext): Promise<ContainerResultStatus> {
    const status = await this.checkContainerResultStatus(context);
    if (status !== 'success') return status;
    const home = await outputOf(context, MAX_HOME_BYTES);
    if (home.kind !== 'ok') return interactionResult(home);
    buildMemory(context).home = home.value;
    return 'success';
  }

  ensureVcsUri(_context: WipContext): void {}

  checkVcsUri(context: WipContext): ValueOf<T, 'checkVcsUri'> {
    if (planOf(this.options, context).sourceUri) return 'success';
    context.exit('ERROR_USER', 'No source repository was specified: set sourceVcsUri or vcsUri.', {
      cause: 'no-source-uri',
    });
    return 'fail';
  }

  async establishWorkspaceSshKey(context: WipContext): Promise<void> {
    const files = REPOSITORIES.flatMap((which) => {
      const key = privateKey(context, which);
      return key ? [{ path: buildPath(context, `ssh/${which}`), content: `${key.trimEnd()}\n`, mode: '0600' }] : [];
    });
    await writeTracked(context, files);
  }

  async createGitWrapper(context: WipContext): Promise<void> {
    // The clone and the steps use this script. The push has its own command, which no step can change.
    const command = `exec ${sshCommand(context, 'source')} "$@"`;
    await writeTracked(context, [
      { path: buildPath(context, 'git-ssh-source'), content: `#!/bin/sh\n${command}\n`, mode: '0700' },
    ]);
  }

  async writeUserEnvironmentVars(context: WipContext): Promise<void> {
    // Processes get these variables from the agent. The file is for people who log in to inspect the build.
    const lines = Object.entries(userVariables(context)).map(
      ([name, value]) => `export ${name}=${shellQuote(value)}\n`,
    );
    await writeTracked(context, [{ path: buildPath(context, 'environment'), content: lines.join(''), mode: '0600' }]);
  }

  async reportPipelinesMetaData(context: WipContext): Promise<void> {
    const { event, sourceUri, sourcePath, sourceCommit, mergeRef } = planOf(this.options, context);
    const { pipelineUser } = this.options;
    const commit = sourceCommit ? `@${sourceCommit.slice(0, 7)}` : '';
    const path = `${sourcePath}${commit}${mergeRef ? ` with ${mergeRef}` : ''}`;
    const forWhom = pipelineUser ? `, for ${pipelineUser}` : '';
    context.log('INFO', `Event ${event} of ${path} in ${withoutCredentials(sourceUri ?? '')}${forWhom}.`, {
      userReadable: true,
    });
    const { address } = launchBag(context.bagOf('containerWipInvoke'));
    await this.reportMetadata(context, {
      wip_task: String(context.taskId),
      // The established name: the port behind which the container's port 22 is.
      ...(address && { container_port_22: String(address.port) }),
    });
  }

  async releaseWorkspaceSshKey(context: WipContext): Promise<void> {
    // The user's variables are as secret as the keys, so both are removed before the container is released.
    const secrets = ['ssh', 'environment'].map((name) => shellQuote(buildPath(context, name)));
    await startTracked(context, { command: ['sh', '-c', `rm -rf -- ${secrets.join(' ')}`], output: 'keep' });
  }
}

/** Removes user and password from a repository address, so that no log shows them. */
function withoutCredentials(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}
