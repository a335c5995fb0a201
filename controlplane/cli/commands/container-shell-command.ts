import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { shellWord } from '../../../shared/text/shell-quote.ts';
import type { AttemptDetail } from '../../api/tasks/task-detail-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import type { WipClient } from '../client/wip-client.ts';
import { EXIT_CODE, exitCodeOfSignal, signalGiven } from '../exit-code.ts';
import { someText } from '../given-value.ts';
import { clientCommand, connect, parseTaskId, type ClientOptions } from './client-command.ts';
import {
  PIPED_SHELL,
  PLAIN_SHELL,
  shellCommand,
  sshArguments,
  TERMINAL_PROBE,
  type SshTarget,
} from './ssh-arguments.ts';

interface SshOptions extends ClientOptions {
  readonly identity?: string;
  readonly user: string;
  readonly print?: boolean;
}

/** ssh(1) ends with this code for failures of its own. */
const SSH_FAILED = 255;

export function containerShellCommand(context: CliContext): Command {
  return clientCommand(
    'ssh',
    'Open a shell in the running container of a task, or run one command there, as the user of the build. Needs ssh, ' +
      'a network path to the container, and a key that it accepts: its task definition must give it the variable ' +
      'DEVELOPER_SSH_KEY with the ed25519 public key. The exit code is that of the command.',
    ['ssh 7', 'ssh 7 -i ~/.ssh/id_ed25519 -- df -h', 'ssh 7 < script.sh', 'ssh 7 --print'],
  )
    .argument('<task>', 'number of the task')
    .argument('[command...]', 'what to run, after --; default: a shell')
    .option('-i, --identity <file>', 'file of the private key (default: those that ssh tries by itself)')
    .option('--user <name>', 'user of the build in the image ([workload] user of config.ini)', someText, 'local')
    .option('--print', 'only print the ssh command')
    .action(async (given: string, words: readonly string[], options: SshOptions) => {
      const client = connect(options, context);
      const target = await findTarget(client, parseTaskId(given), options);
      if (options.print || options.json) return print(target, words, options, context);
      const code = words.length > 0 ? await run(target, words.join(' '), context) : await openShell(target, context);
      if (code === SSH_FAILED) throw notLoggedIn(target);
      context.setExitCode(code);
    });
}

function print(target: SshTarget, words: readonly string[], { json }: SshOptions, context: CliContext): void {
  const command = ['ssh', ...sshArguments(target, words.length > 0 ? words.join(' ') : PLAIN_SHELL)];
  if (json) writeJson(context, { command });
  else context.out.write(`${command.map(shellWord).join(' ')}\n`);
}

async function findTarget(client: WipClient, id: number, { identity, user }: SshOptions): Promise<SshTarget> {
  const attempt = (await client.listAttempts(id)).findLast(({ endedAt }) => endedAt === null);
  const address = attempt?.address?.match(/^(.*):(\d+)$/);
  if (!attempt || !address) throw await noContainer(client, id, attempt);
  const [, host = '', port = ''] = address;
  return { host, port, user, hostKey: attempt.sshHostKey, identity };
}

async function noContainer(
  client: WipClient,
  id: number,
  attempt: AttemptDetail | undefined,
): Promise<OperationalError> {
  const { status, why } = await client.findTask(id);
  if (status === 'COMPLETE') {
    return new OperationalError('TASK_FINISHED', {
      happened: `Task ${id} has ended, so it has no container to log in to`,
      remedy: `Run it again with "wipctl restart ${id}", or read its output with "wipctl logs ${id}"`,
    });
  }
  const happened = attempt
    ? `The container of task ${id} has no address yet`
    : `Task ${id} has no container yet: ${why.replace(/\.$/, '')}`;
  return new OperationalError('TASK_NOT_FINISHED', { happened, remedy: 'Try again when it runs' });
}

/** A shell as good as the container allows: with a terminal of its own when script(1) is there. */
async function openShell(target: SshTarget, context: CliContext): Promise<number> {
  const saved = stty(['-g'], context);
  if (saved === null) return run(target, PIPED_SHELL, context);
  const { code, out } = await ask(target, TERMINAL_PROBE, context);
  if (code === SSH_FAILED) return code;
  if (out.trim() === '') {
    context.err.write('There is no script(1) in the container: this shell has no terminal. It ends with Ctrl-D.\n');
    return run(target, PLAIN_SHELL, context);
  }
  const [rows = 24, columns = 80] = (stty(['size'], context) ?? '').split(' ').map(Number);
  const command = shellCommand({ columns, rows }, context.environment['TERM'] ?? 'xterm');
  stty(['raw', '-echo'], context);
  try {
    return await run(target, command, context);
  } finally {
    stty([saved], context);
  }
}

/** Reads or changes the terminal settings of standard input; returns null when standard input is not a terminal. */
function stty(words: readonly string[], { environment }: CliContext): string | null {
  const { status, stdout } = spawnSync('stty', words, {
    env: environment,
    stdio: ['inherit', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : null;
}

async function run(target: SshTarget, command: string, context: CliContext): Promise<number> {
  return start(target, command, context, { input: 'inherit', onOutput: (data) => context.out.write(data) });
}

async function ask(target: SshTarget, command: string, context: CliContext): Promise<{ code: number; out: string }> {
  let out = '';
  const code = await start(target, command, context, { input: 'ignore', onOutput: (data) => (out += String(data)) });
  return { code, out };
}

async function start(
  target: SshTarget,
  command: string,
  context: CliContext,
  { input, onOutput }: { readonly input: 'inherit' | 'ignore'; readonly onOutput: (data: Uint8Array) => void },
): Promise<number> {
  // A terminal sends Ctrl-C to ssh as well, which ends the command in the container. This program waits for ssh to end.
  context.onInterrupt();
  const terminated = context.onTermination();
  const child = spawn('ssh', sshArguments(target, command), {
    env: context.environment,
    stdio: [input, 'pipe', 'pipe'],
  });
  // A signal to this program must end ssh too, and the terminal must be restored afterwards.
  const end = (): void => void child.kill(signalGiven(terminated));
  terminated.addEventListener('abort', end, { once: true });
  if (terminated.aborted) end();
  child.stdout?.on('data', onOutput);
  child.stderr?.on('data', (data: Uint8Array) => context.err.write(data));
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    // After a signal ssh ends with 255, the code of its own failures, so the code is taken from the signal.
    if (terminated.aborted) return exitCodeOfSignal(signalGiven(terminated));
    return code ?? (signal ? exitCodeOfSignal(signal) : EXIT_CODE.INTERRUPTED);
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `ssh could not be started: ${messageOf(cause)}`,
      remedy: 'Install the OpenSSH client, or see what it would have run with --print',
      cause,
    });
  }
}

function notLoggedIn({ host, port, user }: SshTarget): OperationalError {
  return new OperationalError('SSH_REFUSED', {
    happened: `ssh could not log in to ${host} port ${port} as ${user}; its reason is above`,
    remedy:
      'Give the container the variable DEVELOPER_SSH_KEY (controlplane/ecs/README.md, Logging in to a container), its private ' +
      'key with --identity, and the user of the build with --user; the container must be reachable from here',
  });
}
