import { NO_PROGRESS_CHECK_SECONDS } from './build-steps-table.ts';
import { shellQuote } from '../../shared/support/shell-quote.ts';
import { OperationalError } from '../../shared/model/error.ts';
import { readArtefactCommit } from '../../shared/protocol/artefact-line.ts';
import { BuildExport, hasSteps, NO_BUILD_STEPS_REMEDY } from '../../shared/protocol/build-export.ts';
import type { ContainerInterface } from '../containers/container.ts';
import { AbstractPipelineWip, addPresent } from './abstract-pipeline-wip.ts';
import type { TaskCommits } from './basic-wip.ts';
import { deployKeyEnvironment, exportCommand, runCommand, sshCommand, toolEnvironment } from './build-commands.ts';
import { buildMemory, type BuildMemory, buildPath, privateKey, REPOSITORIES, userVariables } from './build-memory.ts';
import { secureEnvironment } from './secure-environment.ts';
import { decideBuildPlan, isTag, type BuildPlan, type BuildStepsOptions } from './build-steps-options.ts';
import { BUILD_STEPS_TABLE, NO_PROGRESS_LIMIT_SECONDS } from './build-steps-table.ts';
import { noteBuildRecord } from './note-build-record.ts';
import { launchBag } from './container-launch.ts';
import { CONTAINER_TRANSITIONS, type ContainerResultStatus } from './container-wip.ts';
import { interactionResult } from './interaction-result.ts';
import {
  outputOf,
  outputTail,
  reportOnNoProgress,
  startTracked,
  trackedProcess,
  writeTracked,
} from './container-work.ts';
import type { WipContext } from './context.ts';
import { pushFailure, SENTENCE_BYTES, toolEnding, toolSentence } from './tool-sentence.ts';
import type { TransitionMethods, ValueOf } from './transitions.ts';

const BUILD_STEPS_TRANSITIONS = {
  checkDeployPath: ['branch', 'tag'],
  checkVcsUri: ['success', 'fail'],
  checkBuildUser: CONTAINER_TRANSITIONS.checkContainerResultStatus,
  checkBuildFileExport: CONTAINER_TRANSITIONS.checkContainerResultStatus,
  checkBuildProgress: ['progress', 'wait', 'expired', 'success', 'fail', 'terminated', 'no_information'],
} as const;
type T = typeof BUILD_STEPS_TRANSITIONS;

// The longest exported build file, as JSON. Files that people maintain by hand are far smaller.
const MAX_EXPORT_BYTES = 1024 * 1024;
// The end of a failed build's output that its exit shows, for people who do not open the whole output.
const DETAIL_BYTES = 4 * 1024;
// The exit code of `wip-agent build export` for a valid file with warnings.
const EXPORTED_WITH_WARNINGS = 2;

/** Builds a branch of a git repository in a container and pushes the artefact of a `build` event. */
export class BuildSteps extends AbstractPipelineWip<BuildStepsOptions> implements TransitionMethods<T> {
  override get kind(): string {
    return 'BuildSteps';
  }

  override get title(): string {
    const { vcsPath, mergeRef } = this.options;
    return `Build of ${vcsPath}${mergeRef ? ` with ${mergeRef}` : ''}`;
  }

  override get transitions(): Record<string, readonly string[]> {
    return { ...super.transitions, ...BUILD_STEPS_TRANSITIONS };
  }

  override getStateTable(): string {
    return BUILD_STEPS_TABLE;
  }

  /** Builds with one target branch run one after the other. The engine hashes the parts. */
  override workId(): string {
    const { deployUri, deployPath } = decideBuildPlan(this.options, {});
    return JSON.stringify([this.kind, deployUri ?? this.task.uuid, deployPath]);
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
    });
    addPresent(container, userVariables(context), 'secure');
  }

  override commits(memory: Readonly<Record<string, unknown>>): TaskCommits {
    const { buildFile, artefactCommit }: BuildMemory = memory;
    return { builtCommit: buildFile?.commit ?? null, artefactCommit: artefactCommit ?? null };
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
    const home = await outputOf(context, MAX_EXPORT_BYTES);
    if (home.kind !== 'ok') return interactionResult(home);
    buildMemory(context).home = home.value;
    return 'success';
  }

  ensureVcsUri(_context: WipContext): void {}

  checkVcsUri(context: WipContext): ValueOf<T, 'checkVcsUri'> {
    if (this.plan(context).sourceUri) return 'success';
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
    const { event, sourceUri, sourcePath, mergeRef } = this.plan(context);
    const { pipelineUser } = this.options;
    const path = `${sourcePath}${mergeRef ? ` with ${mergeRef}` : ''}`;
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

  // ---- the build ----

  async exportBuildFileAsJson(context: WipContext): Promise<void> {
    const environment = toolEnvironment(context);
    await startTracked(context, { command: exportCommand(context, this.plan(context)), environment, output: 'keep' });
  }

  async checkBuildFileExport(context: WipContext): Promise<ContainerResultStatus> {
    const status = await this.checkContainerResultStatus(context);
    const exitCode = trackedProcess(context)?.result?.exitCode;
    if (status !== 'success' && !(status === 'fail' && exitCode === EXPORTED_WITH_WARNINGS)) return status;
    const output = await outputOf(context, MAX_EXPORT_BYTES);
    if (output.kind !== 'ok') return interactionResult(output);
    const file = BuildExport.parse(JSON.parse(output.value));
    for (const warning of file.warnings) context.log('WARN', warning, { userReadable: true });
    buildMemory(context).buildFile = file;
    const { event } = this.plan(context);
    if (event !== 'build' || hasSteps(file, event)) return 'success';
    // Without this check, a build file without steps would deploy the unbuilt source as the artefact.
    const happened = `${file.fileName} has no steps for the event "build", so nothing was built and nothing was pushed`;
    context.exit('ERROR_USER', `${happened}. ${NO_BUILD_STEPS_REMEDY}.`, { cause: 'build-file' });
    return 'fail';
  }

  async jsonExportFailed(context: WipContext): Promise<void> {
    if (context.exited?.cause === 'build-file') return;
    const words = await outputTail(context, 'exportBuildFileAsJson', ['stderr'], SENTENCE_BYTES);
    context.exit('ERROR_USER', toolSentence(words) || 'The build file could not be read.', {
      detail: words.slice(-DETAIL_BYTES),
      cause: 'build-file',
    });
  }

  async executeBuildScript(context: WipContext): Promise<void> {
    context.linkContext('noBuildProgress');
    const plan = this.plan(context);
    const file = buildMemory(context).buildFile;
    if (!file) throw new Error('executeBuildScript was entered before the build file was exported');
    await startTracked(
      context,
      {
        command: runCommand(context, plan, this.options),
        environment: { ...toolEnvironment(context), ...deployKeyEnvironment(context) },
        secureEnvironment: await openSecrets(context, file),
        noProgressAfter: NO_PROGRESS_CHECK_SECONDS,
      },
      'container',
    );
    reportOnNoProgress(context);
    await this.reportMetadata(context, { built_commit: file.commit });
  }

  noBuildProgress(context: WipContext): void {
    const silent = trackedProcess(context)?.secondsSinceProgress ?? NO_PROGRESS_CHECK_SECONDS;
    context.log('WARN', `No build progress detected in ${Math.round(silent)} seconds.`, { userReadable: true });
  }

  async checkBuildProgress(context: WipContext): Promise<ValueOf<T, 'checkBuildProgress'>> {
    const status = await this.checkContainerResultStatus(context);
    switch (status) {
      case 'success':
      case 'fail':
      case 'terminated':
      case 'no_information':
        return status;
      case 'no_progress':
        return (trackedProcess(context)?.secondsSinceProgress ?? 0) >= NO_PROGRESS_LIMIT_SECONDS ? 'expired' : 'wait';
      default:
        return 'progress';
    }
  }

  async noBuildProgressFailure(context: WipContext): Promise<void> {
    await noteBuildRecord(context);
    const message = `Failed while running the build script; no build progress detected in ${NO_PROGRESS_LIMIT_SECONDS} seconds.`;
    context.exit('ERROR_USER', message, { cause: 'no-progress' });
  }

  async logBuildSuccessMessage(context: WipContext): Promise<void> {
    await noteBuildRecord(context);
    const { event, deployUri, deployPath } = this.plan(context);
    const memory = buildMemory(context);
    const file = memory.buildFile;
    if (event === 'build' && deployUri) {
      const end = await outputTail(context, 'executeBuildScript', ['stdout'], DETAIL_BYTES);
      const commit = readArtefactCommit(end);
      if (commit !== null) {
        memory.artefactCommit = commit;
        await this.reportMetadata(context, { artefact_commit: commit });
      }
    }
    const pushed = event === 'build' && deployUri ? ` The artefact is on ${deployPath}.` : '';
    const isIdle = event !== 'build' && file !== undefined && !hasSteps(file, event);
    const message = isIdle
      ? `${file.fileName} has no steps for the event "${event}", so there was nothing to do.`
      : `The build succeeded.${pushed}`;
    context.exit('COMPLETED', message, { cause: 'success' });
  }

  async logBuildFailureMessage(context: WipContext): Promise<void> {
    await noteBuildRecord(context);
    const push = pushFailure(await outputTail(context, 'executeBuildScript', ['stderr'], SENTENCE_BYTES));
    context.exit('ERROR_USER', this.failureSentence(context, push?.sentence ?? null), {
      detail: await outputTail(context, 'executeBuildScript', ['stdout', 'stderr'], DETAIL_BYTES),
      cause: push?.isRejected ? 'push-rejected' : 'build-failed',
    });
  }

  // ---- the ends ----

  async releaseWorkspaceSshKey(context: WipContext): Promise<void> {
    // The user's variables are as secret as the keys, so both are removed before the container is released.
    const secrets = ['ssh', 'environment'].map((name) => shellQuote(buildPath(context, name)));
    await startTracked(context, { command: ['sh', '-c', `rm -rf -- ${secrets.join(' ')}`], output: 'keep' });
  }

  containerStopped(_context: WipContext): void {}

  // ---- what the states share ----

  /** Names the command that failed, where the build tool recorded it. A push fails after the steps have succeeded. */
  private failureSentence(context: WipContext, push: string | null): string {
    const ended = trackedProcess(context, 'executeBuildScript')?.result;
    const steps = (buildMemory(context).steps ?? []).filter(({ event }) => event !== 'fail-on-build');
    const failed = steps.find(({ sentence }) => sentence !== null)?.sentence;
    if (failed && push === null) return failed.endsWith('.') ? failed : `${failed}.`;
    const why = push ?? (ended ? toolEnding(ended) : null);
    const message = 'Failed while running the build script.';
    return why === null ? message : `${message} ${why}`;
  }

  private plan(context: WipContext): BuildPlan {
    return decideBuildPlan(this.options, userVariables(context));
  }
}

/** Opens the secure values. A value that cannot be opened is an error of the build file, not of the system. */
async function openSecrets(context: WipContext, file: BuildExport): Promise<Record<string, string>> {
  try {
    return await secureEnvironment(file, (text) => context.decryptBuildValue(text));
  } catch (error) {
    if (error instanceof OperationalError) context.exit('ERROR_USER', error.message, { cause: 'build-file' });
    throw error;
  }
}

/** Removes user and password from a repository address, so that no log shows them. */
function withoutCredentials(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}
