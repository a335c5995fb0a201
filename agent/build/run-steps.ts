import { formatSeconds } from '../../shared/model/units.ts';
import type { BuildEvent, BuildStep } from '../../shared/protocol/build-export.ts';
import { escapeLines, quoted } from '../../shared/text/quote.ts';
import type { BuildDeps } from './build-deps.ts';
import { printStepHeader } from '../../shared/protocol/step-header.ts';
import type { BuildRecorder } from './build-recorder.ts';
import { exitCodeOfEnd, exitWords, KILLED_FOR_MEMORY, signalOf } from './step/exit-words.ts';
import type { FoundBuildFile } from './file/find-build-file.ts';
import { BuildAborted } from './git/git.ts';
import { knownFailure } from './git/known-failure.ts';
import { notStarted, runStep, type BuildStepDeps, type StepEnd, type StepLocation } from './step/run-step.ts';
import { failedCommand } from './step/step-failure.ts';

export type RunDeps = BuildDeps & BuildStepDeps;

export interface BuildRun {
  readonly deps: RunDeps;
  readonly found: FoundBuildFile;
  readonly location: StepLocation;
  readonly recorder: BuildRecorder;
  /** Restores what the steps run from, where one of them has removed it. */
  readonly restore: () => Promise<void>;
  /**
   * Sessions of the steps so far; what one left running may serve later steps and ends with the build. Null for a step that
   * could not be started.
   */
  readonly sessionIds: (number | null)[];
}

export interface FailedStep {
  readonly step: BuildStep;
  readonly end: StepEnd;
}

/** Runs the steps of an event up to the first that fails, and returns that one. */
export async function runSteps(
  run: BuildRun,
  event: BuildEvent,
  more: Readonly<Record<string, string>> = {},
): Promise<FailedStep | null> {
  const { deps, found } = run;
  const steps = found.file.events[event]?.steps ?? [];
  if (steps.length === 0 && event !== 'fail-on-build')
    await deps.stdout(`The build file has no steps for the event "${event}".\n`);
  const location = {
    ...run.location,
    environment: { ...run.location.environment, ...more, PIPELINES_EVENT: event },
  };
  for (const [index, step] of steps.entries()) {
    if (deps.abort.aborted) throw new BuildAborted();
    const header = printStepHeader({ event, number: index + 1, of: steps.length, name: step.name });
    const end = await runOneStep(run, { event, step, location, header });
    if (end.exitCode !== 0) return { step, end };
  }
  return null;
}

async function runOneStep(
  run: BuildRun,
  what: { event: BuildEvent; step: BuildStep; location: StepLocation; header: string },
): Promise<StepEnd> {
  const { deps, found, recorder, sessionIds } = run;
  const { event, step, location } = what;
  const { name, line } = step;
  await deps.stdout('\n');
  const number = sessionIds.length;
  const at = (): string => deps.clock.now().toISOString();
  await recorder.add({ kind: 'step-started', step: number, event, name, line, at: at(), output: deps.output.offsets });
  await deps.stdout(what.header);
  const end = await tryStep(run, step, location);
  sessionIds.push(end.groupPid);
  const isStopped = deps.abort.aborted;
  const failure = isStopped || end.exitCode === 0 ? null : failedCommand(found.fileName, step, end);
  if (!isStopped) await sayEnd(deps, name, end, failure);
  await recorder.add({
    kind: 'step-ended',
    step: number,
    at: at(),
    durationMs: Math.round(end.durationMs),
    exitCode: isStopped ? null : exitCodeOfEnd(end),
    signal: isStopped ? null : signalOf(end),
    outOfMemory: end.ranOutOfMemory,
    output: deps.output.offsets,
    failure,
  });
  if (isStopped) throw new BuildAborted();
  return end;
}

/** A step that cannot be started has failed, so that the record says why and the steps of fail-on-build are tried. */
async function tryStep({ deps, restore }: BuildRun, step: BuildStep, location: StepLocation): Promise<StepEnd> {
  try {
    await restore();
    return await runStep(step, location, deps);
  } catch (error) {
    if (error instanceof BuildAborted) throw error;
    return notStarted(knownFailure(error));
  }
}

async function sayEnd(
  deps: RunDeps,
  name: string,
  end: StepEnd,
  failure: { readonly sentence: string } | null,
): Promise<void> {
  if (end.startFailure !== null) {
    await deps.stdout(`--- ${name}: could not be started\n`);
    return void (await deps.stderr(escapeLines(`${end.startFailure.code}: ${end.startFailure.message}\n`)));
  }
  const took = formatSeconds(end.durationMs / 1000);
  if (failure === null) {
    await deps.stdout(`--- ${name}: done in ${took}, exit code 0\n`);
    // What was killed may have been half of the work, and its exit code was ignored (`|| true`, a process in the background).
    if (end.ranOutOfMemory) await deps.stderr(`warning: while the step ${quoted(name)} ran, ${KILLED_FOR_MEMORY}\n`);
    return;
  }
  await deps.stdout(`--- ${name}: failed after ${took}, ${exitWords(end)}\n`);
  await deps.stderr(`${failure.sentence}\n`);
}
