import { OperationalError } from '../../../shared/model/error.ts';
import { readArtefactCommit } from '../../../shared/protocol/artefact-line.ts';
import { BuildExport, hasSteps, NO_BUILD_STEPS_REMEDY } from '../../../shared/protocol/build-export.ts';
import type { TaskCommits } from '../basic-wip.ts';
import { deployKeyEnvironment, exportCommand, runCommand, toolEnvironment } from './build-commands.ts';
import { buildMemory, planOf, type BuildMemory } from './build-memory.ts';
import { BuildPreparation, PREPARATION_TRANSITIONS } from './build-preparation.ts';
import { decideBuildPlan, type BuildStepsOptions } from './build-steps-options.ts';
import { NO_PROGRESS_CHECK_SECONDS, NO_PROGRESS_LIMIT_SECONDS } from './build-steps-table.ts';
import type { ContainerResultStatus } from '../container/container-wip.ts';
import { CONTAINER_TRANSITIONS } from '../container/container-state-tables.ts';
import { outputOf, outputTail, reportOnNoProgress, startTracked, trackedProcess } from '../container/container-work.ts';
import type { WipContext } from '../context.ts';
import { decidePushEnd, exitForSource, exportFailure, retryClause } from './git-end.ts';
import { interactionResult } from '../container/interaction-result.ts';
import { noteBuildRecord } from './note-build-record.ts';
import { secureEnvironment } from './secure-environment.ts';
import { SENTENCE_BYTES, toolCause, toolEnding, toolSentence, whyNotStarted } from './tool-sentence.ts';
import type { TransitionMethods, ValueOf } from '../transitions.ts';

const BUILD_STEPS_TRANSITIONS = {
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
export class BuildSteps<O extends BuildStepsOptions = BuildStepsOptions>
  extends BuildPreparation<O>
  implements TransitionMethods<T>
{
  override get kind(): string {
    return 'BuildSteps';
  }

  override get title(): string {
    const { vcsPath, mergeRef } = this.options;
    return `Build of ${vcsPath}${mergeRef ? ` with ${mergeRef}` : ''}`;
  }

  override get transitions(): Record<string, readonly string[]> {
    return { ...super.transitions, ...PREPARATION_TRANSITIONS, ...BUILD_STEPS_TRANSITIONS };
  }

  /** Builds with one target branch run one after the other. The engine hashes the parts. */
  override workId(): string {
    const { deployUri, deployPath } = decideBuildPlan(this.options, {});
    return JSON.stringify([this.kind, deployUri ?? this.task.uuid, deployPath]);
  }

  override commits(memory: Readonly<Record<string, unknown>>): TaskCommits {
    const { buildFile, artefactCommit }: BuildMemory = memory;
    return { builtCommit: buildFile?.commit ?? null, artefactCommit: artefactCommit ?? null };
  }

  // ---- the build ----

  async exportBuildFileAsJson(context: WipContext): Promise<void> {
    const environment = toolEnvironment(context);
    await startTracked(context, {
      command: exportCommand(context, planOf(this.options, context)),
      environment,
      output: 'keep',
    });
  }

  async checkBuildFileExport(context: WipContext): Promise<ContainerResultStatus> {
    const status = await this.checkContainerResultStatus(context);
    if (status === 'wait') {
      const retry = retryClause(await outputTail(context, context.state, ['stderr'], SENTENCE_BYTES));
      if (retry) context.waitsFor(retry);
    }
    const exitCode = trackedProcess(context)?.result?.exitCode;
    if (status !== 'success' && !(status === 'fail' && exitCode === EXPORTED_WITH_WARNINGS)) return status;
    const output = await outputOf(context, MAX_EXPORT_BYTES);
    if (output.kind !== 'ok') return interactionResult(output);
    const file = BuildExport.parse(JSON.parse(output.value));
    for (const warning of file.warnings) context.log('WARN', warning, { userReadable: true });
    buildMemory(context).buildFile = file;
    const { event } = planOf(this.options, context);
    if (event !== 'build' || hasSteps(file, event)) return 'success';
    // Without this check, a build file without steps would deploy the unbuilt source as the artefact.
    const happened = `${file.fileName} has no steps for the event "build", so nothing was built and nothing was pushed`;
    context.exit('ERROR_USER', `${happened}. ${NO_BUILD_STEPS_REMEDY}.`, { cause: 'build-file' });
    return 'fail';
  }

  async jsonExportFailed(context: WipContext): Promise<void> {
    if (context.exited?.cause === 'build-file') return;
    const failure = exportFailure(await outputTail(context, 'exportBuildFileAsJson', ['stdout'], SENTENCE_BYTES));
    const words = await outputTail(context, 'exportBuildFileAsJson', ['stderr'], SENTENCE_BYTES);
    const detail = words.slice(-DETAIL_BYTES);
    if (failure) return exitForSource(context, failure, detail);
    const sentence = toolSentence(words) || 'The build file could not be read.';
    context.exit('ERROR_USER', sentence, { detail, cause: toolCause(words) });
  }

  async executeBuildScript(context: WipContext): Promise<void> {
    context.linkContext('noBuildProgress');
    const plan = planOf(this.options, context);
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
    const { event, deployUri, deployPath } = planOf(this.options, context);
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
    const recorded = await noteBuildRecord(context);
    const stderr = await outputTail(context, 'executeBuildScript', ['stderr'], SENTENCE_BYTES);
    const push = decidePushEnd(recorded, stderr);
    context.exit(push?.status ?? 'ERROR_USER', this.failureSentence(context, push?.sentence ?? null, stderr), {
      detail: await outputTail(context, 'executeBuildScript', ['stdout', 'stderr'], DETAIL_BYTES),
      cause: push?.cause ?? 'build-failed',
    });
  }

  // ---- the ends ----

  containerStopped(_context: WipContext): void {}

  // ---- what the states share ----

  /** Names the command that failed, where the build tool recorded it. A push fails after the steps have succeeded. */
  private failureSentence(context: WipContext, push: string | null, stderr: string): string {
    const ended = trackedProcess(context, 'executeBuildScript')?.result;
    const steps = (buildMemory(context).steps ?? []).filter(({ event }) => event !== 'fail-on-build');
    const failed = steps.find(({ sentence }) => sentence !== null)?.sentence;
    if (failed && push === null) return failed.endsWith('.') ? failed : `${failed}.`;
    const why = push ?? (ended ? toolEnding(ended) : null) ?? whyNotStarted(stderr);
    const message = 'Failed while running the build script.';
    return why === null ? message : `${message} ${why}`;
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
