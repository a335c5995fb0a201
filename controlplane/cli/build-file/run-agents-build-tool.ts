import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { CliContext } from '../cli-context.ts';
import { EXIT_CODE, exitCodeOfSignal, signalGiven } from '../exit-code.ts';
import { findAgentCommand } from '../node/find-agent-command.ts';

export interface BuildToolEnd {
  readonly exitCode: number;
  /** The signal that this program received and passed on; null when there was none. The tool may already have finished by then. */
  readonly stoppedBy: NodeJS.Signals | null;
}

/** Exit code of the tool when a signal ended it after it had ended its steps. */
const TERMINATED = 143;

/** Exit codes of `wip-agent build` that mean something else to users of `wipctl`. */
const MEANINGS: ReadonlyMap<number, number> = new Map([
  [0, EXIT_CODE.OK],
  [64, EXIT_CODE.USAGE],
  [TERMINATED, EXIT_CODE.INTERRUPTED],
]);

/**
 * Runs the build tool of the agent on this machine, which is the program that runs in a container. Its output is passed on,
 * and so is a signal to end: the tool ends its steps, which are in sessions of their own, and is waited for. Its standard
 * input is a pipe that ends with this program, so that the tool can also notice when this program is killed.
 */
export async function runAgentsBuildTool(context: CliContext, argv: readonly string[]): Promise<BuildToolEnd> {
  const [program = '', ...args] = (await findAgentCommand()).command;
  const child = spawn(program, [...args, 'build', ...argv], {
    cwd: context.cwd,
    env: context.environment,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (data: Uint8Array) => context.out.write(data));
  child.stderr.on('data', (data: Uint8Array) => context.err.write(data));
  let stoppedBy: NodeJS.Signals | null = null;
  const stop = (signal: NodeJS.Signals): void => {
    stoppedBy ??= signal;
    child.kill(signal);
  };
  passOn(context, stop);
  const end = await endOf(child);
  return describeEnd(end, stoppedBy, context);
}

function passOn({ onInterrupt, onTermination }: CliContext, stop: (signal: NodeJS.Signals) => void): void {
  const [interrupted, terminated] = [onInterrupt(), onTermination()];
  const interrupt = (): void => stop('SIGINT');
  const terminate = (): void => stop(signalGiven(terminated));
  interrupted.addEventListener('abort', interrupt, { once: true });
  terminated.addEventListener('abort', terminate, { once: true });
  if (interrupted.aborted) interrupt();
  if (terminated.aborted) terminate();
}

interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

async function endOf(child: ChildProcess): Promise<ChildEnd> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal };
}

/**
 * Returns the exit code of the tool and its meaning for users of `wipctl`. A tool that was killed printed no message, so this
 * program prints one.
 */
function describeEnd({ code, signal }: ChildEnd, stoppedBy: NodeJS.Signals | null, { err }: CliContext): BuildToolEnd {
  if (stoppedBy !== null && (code === TERMINATED || signal !== null)) {
    return { exitCode: exitCodeOfSignal(stoppedBy), stoppedBy };
  }
  if (signal === null)
    return { exitCode: MEANINGS.get(code ?? EXIT_CODE.BUILD_FAILED) ?? EXIT_CODE.BUILD_FAILED, stoppedBy };
  err.write(`wipctl: The build tool was ended by ${signal}, so there is no result. ${remedyOf(signal)}\n`);
  return { exitCode: exitCodeOfSignal(signal), stoppedBy };
}

function remedyOf(signal: NodeJS.Signals): string {
  const memory = signal === 'SIGKILL' ? '; memory was used up where dmesg says that the kernel did it' : '';
  return `A step that was running is ended within seconds; then run the command again${memory}.`;
}
