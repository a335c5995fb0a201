import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CliContext } from '../cli-context.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { findAgentCommand } from '../node/find-agent-command.ts';

/** Exit codes of `wip-agent build` that mean something else to users of `wipctl`. */
const MEANINGS: ReadonlyMap<number | null, number> = new Map([
  [0, EXIT_CODE.OK],
  [64, EXIT_CODE.USAGE],
  [143, EXIT_CODE.INTERRUPTED],
]);

/**
 * Runs the build tool of the agent on this machine, which is the program that runs in a container. Its output is
 * passed on, and it is told to end when the user interrupts the command.
 */
export async function runAgentsBuildTool(context: CliContext, argv: readonly string[]): Promise<void> {
  const [program = '', ...args] = (await findAgentCommand()).command;
  const interrupted = context.onInterrupt();
  const child = spawn(program, [...args, 'build', ...argv], {
    cwd: context.cwd,
    env: context.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (data: Uint8Array) => context.out.write(data));
  child.stderr.on('data', (data: Uint8Array) => context.err.write(data));
  const interrupt = (): void => void child.kill('SIGINT');
  interrupted.addEventListener('abort', interrupt, { once: true });
  if (interrupted.aborted) interrupt();
  const [exitCode] = (await once(child, 'close')) as [number | null];
  context.setExitCode(MEANINGS.get(exitCode) ?? EXIT_CODE.BUILD_FAILED);
}
