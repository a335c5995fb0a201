import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, fstatSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { OperationalError } from '../../shared/model/error.ts';
import type { BuildStep } from '../../shared/protocol/build-export.ts';
import type { BuildDeps } from './build-deps.ts';
import { endProcessGroup } from './process-group.ts';
import { openStepPipes, type StepPipes } from './step-pipes.ts';
import { stepScript } from './step-script.ts';

export interface StepEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Index of the command that ran last: where exitCode is not 0, the one that failed. */
  readonly commandIndex: number | null;
  readonly durationMs: number;
  /** The step's process group, in which it may have left something running. */
  readonly groupPid: number;
}

export interface StepLocation {
  readonly workspace: string;
  readonly privateDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
}

// A process left in the background may hold the pipes of its step for ever. What the step itself wrote is read long
// before this; chosen, not measured.
const DRAIN_MS = 500;

/** Runs the commands of a step in one bash. Whatever they do is a result; throws only when bash cannot start. */
export async function runStep(step: BuildStep, location: StepLocation, deps: BuildDeps): Promise<StepEnd> {
  if (!existsSync(location.workspace)) throw workspaceGone(location.workspace, step.name);
  const startMs = deps.clock.monotonicMs();
  // The name is what bash prefixes its own messages with.
  const script = join(location.privateDirectory, `step-${step.name.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 60)}.sh`);
  await writeFile(script, stepScript(step.script), { mode: 0o600 });
  const markFile = join(location.privateDirectory, 'mark');
  const mark = openSync(markFile, 'w+', 0o600);
  try {
    await rm(markFile); // a step that empties /tmp does not disturb an open file
    const pipes = await openStepPipes(location.privateDirectory, location.environment.PATH ?? '');
    const child = spawn('bash', [script], {
      cwd: location.workspace,
      env: location.environment,
      stdio: ['ignore', pipes.stdout.writeFd, pipes.stderr.writeFd, mark],
      detached: true,
    });
    pipes.closeWriters();
    const { exitCode, signal } = await superviseStep(child, pipes, deps);
    const durationMs = deps.clock.monotonicMs() - startMs;
    return { exitCode, signal, commandIndex: readMark(mark), durationMs, groupPid: child.pid! };
  } finally {
    closeSync(mark);
  }
}

async function superviseStep(
  child: ChildProcess,
  pipes: StepPipes,
  deps: BuildDeps,
): Promise<Pick<StepEnd, 'exitCode' | 'signal'>> {
  const [stdout, stderr] = [pipes.stdout.stream, pipes.stderr.stream];
  const flow: Flow = { pending: 0 };
  const closed = new AbortController();
  const passed = [passOn(stdout, deps.stdout, flow), passOn(stderr, deps.stderr, flow)];
  void Promise.all(passed).then(() => closed.abort());
  let ending: Promise<void> | undefined;
  const end = (): void => void (ending = child.pid ? endProcessGroup(child.pid, deps.clock) : undefined);
  deps.abort.addEventListener('abort', end, { once: true });
  if (deps.abort.aborted) end();
  try {
    const result = await new Promise<Pick<StepEnd, 'exitCode' | 'signal'>>((resolve, reject) => {
      child.once('error', (cause: NodeJS.ErrnoException) => reject(cannotStart(cause)));
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    });
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

async function passOn(stream: Readable, write: BuildDeps['stdout'], flow: Flow): Promise<void> {
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      flow.pending++;
      await write(piece);
      flow.pending--;
    }
  } catch {
    // The reader is gone: the stream is closed with it, and the step meets a broken pipe, as it would at a terminal.
    flow.pending = 0;
  }
}

function readMark(mark: number): number | null {
  const { size } = fstatSync(mark);
  const tail = Buffer.alloc(Math.min(size, 16));
  readSync(mark, tail, 0, tail.length, size - tail.length);
  const last = tail.toString().trimEnd().split('\n').at(-1);
  return last ? Number(last) : null;
}

function cannotStart(cause: NodeJS.ErrnoException): Error {
  if (cause.code !== 'ENOENT') return cause;
  return new OperationalError('BASH_MISSING', {
    happened: 'The program bash was not found',
    remedy: 'Install bash in the build image, or put its directory into PATH',
    cause,
  });
}

function workspaceGone(workspace: string, step: string): OperationalError {
  return new OperationalError('WORKSPACE_UNUSABLE', {
    happened: `The workspace ${workspace} is not there when the step "${step}" is to start`,
    remedy: 'Run "build export" first, and let no step delete or move it',
  });
}
