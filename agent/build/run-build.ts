import { artefactLine } from '../../shared/protocol/artefact-line.ts';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { formatSeconds } from '../../shared/model/units.ts';
import { hasSteps, MERGE_REF, NO_BUILD_STEPS_REMEDY, type BuildEvent } from '../../shared/protocol/build-export.ts';
import type { BuildOutcome } from '../../shared/protocol/build-record.ts';
import type { BuildDeps } from './build-deps.ts';
import { createBuildRecorder } from './build-recorder.ts';
import { checkWorkspace } from './deploy/check-workspace.ts';
import { prepareDeploy, takeDeployKey, type DeployMeans } from './deploy/deploy-means.ts';
import { GitFailure } from './git/explain-git-failure.ts';
import { findBuildFile, type FoundBuildFile } from './file/find-build-file.ts';
import { BuildAborted, createGit } from './git/git.ts';
import { buildMark, endLeftProcesses, type BuildMark } from './step/left-processes.ts';
import { pushArtefact, type Artefact } from './deploy/push-artefact.ts';
import { restorePrivateDirectory } from './private-directory.ts';
import { runSteps, type BuildRun, type RunDeps } from './run-steps.ts';
import { failureEnvironment } from './step/step-failure.ts';
import { writeSshKeys } from './git/ssh-keys.ts';
import { stepEnvironment } from './step/step-environment.ts';

export interface BuildRunOptions {
  readonly event: BuildEvent;
  readonly workspace: string;
  readonly sourcePath: string;
  readonly file?: string | undefined;
  readonly deployUri?: string | undefined;
  readonly deployPath: string;
  readonly author: Artefact['author'];
  readonly message?: string | undefined;
}

// .invalid can never be somebody's address (RFC 2606).
export const DEFAULT_AUTHOR = { name: 'Wip', email: 'wip@wip.invalid' };

/** Runs the steps of an event and pushes the artefact of a build; answers whether all went well. */
export async function runBuild(
  deps: RunDeps,
  options: BuildRunOptions,
  privateDirectory: string,
  adapt: (found: FoundBuildFile) => Promise<FoundBuildFile> = (found) => Promise.resolve(found),
): Promise<'succeeded' | 'failed'> {
  // First of all: whatever happens next, the steps do not get it.
  const key = await takeDeployKey(deps.environment);
  const workspace = await findWorkspace(resolve(deps.cwd, options.workspace));
  const found = await adapt(await findBuildFile(workspace, options.file));
  checkEvent(found, options.event);
  const mark = buildMark(deps.environment);
  // A mark of the agent is also that of whatever called the tool, which goes on.
  if (!mark.isOfAgent) deps.guard?.watchMark(mark.mark);
  const prepared = await prepareSteps(deps, options, { workspace, found, privateDirectory, mark: mark.mark });
  // Before the steps, which may change all of it.
  const deployment = await prepareDeployment(deps, options, { workspace, key });
  const recorder = createBuildRecorder(deps.environment);
  const at = (): string => deps.clock.now().toISOString();
  await recorder.add({ kind: 'build-started', format: 1, event: options.event, fileName: found.fileName, at: at() });
  let outcome: BuildOutcome = 'failed';
  try {
    const hasSucceeded = await runEvent({ deps, found, recorder, sessionIds: [], ...prepared }, options.event, mark);
    if (hasSucceeded && deployment) await deploy(deps, deployment);
    outcome = hasSucceeded ? 'succeeded' : 'failed';
    return outcome;
  } catch (error) {
    if (error instanceof BuildAborted) outcome = 'stopped';
    // The clone was before this, so a failure of git is one of the push.
    if (error instanceof GitFailure) {
      await recorder.add({ kind: 'push-failed', at: at(), failure: error.toldToPrograms() });
    }
    throw error;
  } finally {
    await recorder.end({ kind: 'build-ended', at: at(), outcome });
  }
}

/** Runs the steps, and what follows a failure. Nothing of them runs on when it returns. */
async function runEvent(run: BuildRun, event: BuildEvent, mark: BuildMark): Promise<boolean> {
  try {
    const failure = await runSteps(run, event);
    if (failure && event === 'build') {
      await runSteps(run, 'fail-on-build', failureEnvironment(failure.step, failure.end));
    }
    return failure === null;
  } finally {
    const sessionIds = run.sessionIds.filter((id) => id !== null);
    await endLeftProcesses(sessionIds, mark, run.deps.clock);
  }
}

/** A build without steps would deploy the source as if it had been built; other events have nothing to do then. */
function checkEvent(found: FoundBuildFile, event: BuildEvent): void {
  if (event !== 'build' || hasSteps(found.file, event)) return;
  throw new OperationalError('BUILD_FILE_INVALID', {
    happened: `${found.fileName} has no steps for the event "build", so nothing was built and nothing is pushed`,
    remedy: NO_BUILD_STEPS_REMEDY,
  });
}

interface Deployment {
  readonly means: DeployMeans;
  readonly artefact: Artefact;
}

async function prepareDeployment(
  deps: BuildDeps,
  options: BuildRunOptions,
  what: { readonly workspace: string; readonly key: string | null },
): Promise<Deployment | null> {
  const { event, deployUri, deployPath, author } = options;
  if (event !== 'build' || deployUri === undefined) return null;
  const { workspace, key } = what;
  const message = options.message ?? (await defaultMessage(deps, options, workspace));
  return { means: await prepareDeploy(deps, key), artefact: { workspace, deployUri, deployPath, author, message } };
}

async function findWorkspace(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw new OperationalError('WORKSPACE_UNUSABLE', {
      happened: `The workspace ${path} cannot be used: ${messageOf(cause)}`,
      remedy: 'Name the directory that "build export" made',
      cause,
    });
  }
}

async function prepareSteps(
  deps: BuildDeps,
  options: BuildRunOptions,
  where: { workspace: string; found: FoundBuildFile; privateDirectory: string; mark: string },
): Promise<Pick<BuildRun, 'location' | 'restore'>> {
  const { workspace, found, privateDirectory, mark } = where;
  const own = {
    WIP_PROCESS: mark,
    SOURCE_DIR: workspace,
    CI: deps.environment['CI'] || 'true', // what programs ask that would else wait for a person, or draw
    PIPELINES_EVENT: options.event,
    PIPELINES_VCS_PATH: options.sourcePath,
    ...(options.deployUri === undefined ? {} : { PIPELINES_DEPLOY_VCS_PATH: options.deployPath }),
    GIT_TERMINAL_PROMPT: '0', // nobody is there to answer
  };
  // First, because it is where a missing secure value is noticed.
  const environment = stepEnvironment(deps.environment, own, found.file);
  const keys = { secure: deps.environment, steps: { ...environment }, privateDirectory };
  Object.assign(environment, await writeSshKeys(found.file, keys));
  const restore = async (): Promise<void> => {
    if (await restorePrivateDirectory(privateDirectory)) await writeSshKeys(found.file, keys);
  };
  return { location: { workspace, privateDirectory, environment, fileName: found.fileName }, restore };
}

async function defaultMessage(deps: BuildDeps, options: BuildRunOptions, workspace: string): Promise<string> {
  const git = createGit(deps);
  const head = await git(['-c', `safe.directory=${workspace}`, 'rev-parse', 'HEAD'], { cwd: workspace });
  const commit = head.exitCode === 0 ? head.stdout.trim() : null;
  const mergeRef = deps.environment[MERGE_REF];
  const what = `Build of ${options.sourcePath}${mergeRef ? ` with ${mergeRef}` : ''}`;
  return commit === null ? what : `${what} at ${commit.slice(0, 12)}\n\nSource-Commit: ${commit}`;
}

async function deploy(deps: BuildDeps, { means, artefact }: Deployment): Promise<void> {
  checkWorkspace(artefact.workspace, 'the artefact is to be pushed');
  await deps.stdout(`\n=== Pushing the artefact to the branch ${artefact.deployPath}\n`);
  const startMs = deps.clock.monotonicMs();
  // A directory of its own: the steps could put something into the one that they ran from.
  const parent = deps.environment['TMPDIR'] || '/tmp';
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(join(parent, 'wip-deploy-'));
  deps.guard?.watchDirectory(directory);
  try {
    const pushed = await pushArtefact(deps, means, artefact, directory);
    const took = formatSeconds((deps.clock.monotonicMs() - startMs) / 1000);
    await deps.stdout(`${artefactLine(pushed, took)}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
