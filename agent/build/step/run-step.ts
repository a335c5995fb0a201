import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { OperationalError } from '../../../shared/model/error.ts';
import type { BuildStep } from '../../../shared/protocol/build-export.ts';
import { escapeControls } from '../../../shared/text/quote.ts';
import type { BuildDeps } from '../build-deps.ts';
import type { BuildOutput } from '../build-output.ts';
import { checkWorkspace } from '../deploy/check-workspace.ts';
import { findIncomplete } from './complete-commands.ts';
import type { ExitOfCommand } from './exit-words.ts';
import { watchFullDisk } from './watch-full-disk.ts';
import { BuildAborted } from '../git/git.ts';
import { locateEnd, locateSyntaxError, messagesOfBash, type StepTraces } from './locate-end.ts';
import { endProcessGroup } from './process-group.ts';
import { environmentTooLarge } from './step-environment.ts';
import { newMarkKey, type StepMark } from './step-marks.ts';
import { openStepPipes, type StepPipes } from './step-pipes.ts';
import { withoutOwnText } from './own-text.ts';
import { createTail, stepReader, type StepReader } from './step-readers.ts';
import { widenLocation } from './widen-location.ts';
import { standingCommand, stepScript, type CommandLocation, type StepScript } from './step-script.ts';

export interface StepEnd extends ExitOfCommand {
  /** Where the step ended: when it failed, the command and line that failed. Null when no command began. */
  readonly location: CommandLocation | null;
  readonly durationMs: number;
  /** The step's process group, in which it may have left something running; null when the step was not started. */
  readonly groupPid: number | null;
  /** Why the step could not be started; null when it was. */
  readonly startFailure: OperationalError | null;
}

/** What a shell says of a command that is there and cannot be started. */
const CANNOT_START = 126;

export function notStarted(startFailure: OperationalError): StepEnd {
  const nothing = {
    signal: null,
    ranOutOfMemory: false,
    fullDisk: null,
    location: null,
    durationMs: 0,
    groupPid: null,
  };
  return { exitCode: CANNOT_START, ...nothing, startFailure };
}

export interface StepLocation {
  readonly workspace: string;
  readonly privateDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Name of the build file. bash puts it before its own messages where it counts the same lines. */
  readonly fileName: string;
}

export type BuildStepDeps = Pick<BuildDeps, 'clock' | 'abort' | 'oomKills' | 'guard'> & {
  readonly output: BuildOutput;
};

// A process left in the background may hold the pipes of its step for ever. What the step itself wrote is read long
// before this; chosen, not measured.
const DRAIN_MS = 500;

/** Runs the commands of a step in one bash. Whatever they do is a result; throws only when bash cannot start. */
export async function runStep(step: BuildStep, location: StepLocation, deps: BuildStepDeps): Promise<StepEnd> {
  checkWorkspace(location.workspace, `the step "${step.name}" is to start`);
  const startMs = deps.clock.monotonicMs();
  const oomKillsBefore = deps.oomKills();
  const { privateDirectory, environment } = location;
  const commands = step.script.map(standingCommand);
  const path = environment.PATH ?? '';
  const [confined, pipes] = await unlessAborted(
    Promise.all([findIncomplete(commands, path), openStepPipes(privateDirectory, path)]),
    deps,
  );
  const key = newMarkKey();
  const script = stepScript(step, commands, { path: pipes.stdoutPath, key }, confined);
  const scriptFile = join(privateDirectory, scriptName(step, location, script));
  await writeFile(scriptFile, script.text, { mode: 0o600 });
  const child = startBash(scriptFile, location, pipes);
  closeSync(pipes.stderr.writeFd);
  if (child.pid !== undefined) deps.guard?.watchSession(child.pid);
  const marks: StepMark[] = [];
  const reader = withoutOwnText(stepReader(step, key, marks), script.ownText);
  const stderr = createTail();
  const disks = [location.workspace, environment.TMPDIR ?? '/tmp', environment.HOME ?? '/'];
  const fullDisk = watchFullDisk(disks, deps.clock);
  const { exitCode, signal } = await superviseStep(
    child,
    pipes,
    { stdout: reader, stderr: withoutOwnText(stderr, script.ownText) },
    deps,
  ).finally(fullDisk.end);
  const durationMs = deps.clock.monotonicMs() - startMs;
  const traces = { marks, ...messagesOfBash(stderr.text(), scriptFile) };
  const isTold = exitCode !== 0 && !deps.abort.aborted;
  const ranOutOfMemory = (deps.oomKills() ?? 0) > (oomKillsBefore ?? Infinity);
  return {
    exitCode,
    signal,
    ranOutOfMemory,
    fullDisk: fullDisk.found(),
    location: await locate(step, { ...traces, script, path }, isTold ? 'exactly' : 'roughly'),
    durationMs,
    groupPid: child.pid!,
    startFailure: null,
  };
}

/** Exactly costs a bash, and is worth it where a failure is told. */
async function locate(
  step: BuildStep,
  ran: StepTraces & { readonly script: StepScript; readonly path: string },
  how: 'roughly' | 'exactly',
): Promise<CommandLocation | null> {
  if (how === 'exactly') {
    const syntaxError = locateSyntaxError(ran.script, ran);
    if (syntaxError !== null) return syntaxError;
  }
  const location = locateEnd(step, ran.script, ran);
  if (location === null || how === 'roughly') return location;
  return widenLocation(step, location, (commands) => findIncomplete(commands, ran.path));
}

/** Whoever ends a build also ends the programs that prepare a step. Their failure then says nothing about the machine. */
async function unlessAborted<T>(preparation: Promise<T>, { abort }: BuildStepDeps): Promise<T> {
  try {
    return await preparation;
  } catch (error) {
    throw abort.aborted ? new BuildAborted() : error;
  }
}

function startBash(scriptFile: string, { workspace, environment }: StepLocation, pipes: StepPipes): ChildProcess {
  try {
    return spawn('bash', [scriptFile], {
      cwd: workspace,
      env: environment,
      stdio: ['ignore', pipes.stdout.writeFd, pipes.stderr.writeFd],
      detached: true,
    });
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'E2BIG' ? environmentTooLarge(environment) : cause;
  }
}

/** The name is what bash prefixes its own messages with. */
function scriptName(step: BuildStep, { fileName }: StepLocation, { isAligned }: StepScript): string {
  return isAligned
    ? escapeControls(basename(fileName))
    : `step-${step.name.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 60)}.sh`;
}

async function superviseStep(
  child: ChildProcess,
  pipes: StepPipes,
  readers: Readonly<Record<'stdout' | 'stderr', StepReader>>,
  deps: BuildStepDeps,
): Promise<Pick<StepEnd, 'exitCode' | 'signal'>> {
  const [stdout, stderr] = [pipes.stdout.stream, pipes.stderr.stream];
  const flow: Flow = { pending: 0 };
  const closed = new AbortController();
  const passed = [
    passOn(stdout, 'stdout', readers.stdout, flow, deps),
    passOn(stderr, 'stderr', readers.stderr, flow, deps),
  ];
  void Promise.all(passed).then(() => closed.abort());
  let ending: Promise<void> | undefined;
  const end = (): void => void (ending = child.pid ? endProcessGroup(child.pid, deps.clock) : undefined);
  deps.abort.addEventListener('abort', end, { once: true });
  if (deps.abort.aborted) end();
  try {
    const result = await new Promise<Pick<StepEnd, 'exitCode' | 'signal'>>((resolve, reject) => {
      child.once('error', (cause: NodeJS.ErrnoException) => reject(cannotStart(cause)));
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    }).finally(() => closeSync(pipes.stdout.writeFd));
    await ending;
    do await deps.clock.sleep(DRAIN_MS, closed.signal);
    while (flow.pending > 0 && !closed.signal.aborted && !deps.abort.aborted);
    return result;
  } finally {
    deps.abort.removeEventListener('abort', end);
    // What a background process still writes is read and passed on, but nobody waits for it.
    for (const stream of [stdout, stderr]) stream.unref();
  }
}

/** Pieces that were read and are not taken yet; while there are some, the reader is slow and more may follow. */
interface Flow {
  pending: number;
}

async function passOn(
  stream: Readable,
  name: 'stdout' | 'stderr',
  reader: StepReader,
  flow: Flow,
  { output }: BuildStepDeps,
): Promise<void> {
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      flow.pending++;
      await output.write(name, reader.push(piece));
      flow.pending--;
    }
    await output.write(name, reader.end());
  } catch {
    // The reader is gone: the stream is closed with it, and the step meets a broken pipe, as it would at a terminal.
    flow.pending = 0;
  }
}

function cannotStart(cause: NodeJS.ErrnoException): Error {
  if (cause.code !== 'ENOENT') return cause;
  return new OperationalError('BASH_MISSING', {
    happened: 'The program bash was not found',
    remedy: 'Install bash in the build image, or put its directory into PATH',
    cause,
  });
}
