import type { ServerChannel, Session } from 'ssh2';
import { EnvironmentName } from '../../shared/protocol/overrides.ts';
import { systemClock } from '../../shared/time/clock.ts';
import type { Log } from '../../shared/system/log.ts';
import { LATE, withinTime } from '../../shared/time/within-time.ts';
import { ChannelOutput } from './channel-output.ts';
import type { CommandRunner, RunningCommand, SftpRunner } from './command-runner.ts';
import type { Login } from './decide-login.ts';

export interface SessionDeps {
  readonly login: Login;
  readonly runCommand: CommandRunner;
  readonly isFrozen: () => boolean;
  readonly runSftp: SftpRunner;
  readonly log: Log;
}

// How long the end of a command waits for its output: a grandchild that keeps the stdout is no reason to wait longer.
const DRAIN_MS = 1_000;
// Bounds for what a client may send before its command. sshd has none, but our memory needs one.
const MAX_VARIABLES = 64;
const MAX_VARIABLE_BYTES = 32 * 1024;

/** Serves one session channel: environment, then one command or one transfer. No terminal, no shell, no forwarding. */
export function serveSession(session: Session, deps: SessionDeps): void {
  const { login, log } = deps;
  const environment: Record<string, string> = {};
  let running: RunningCommand | undefined;

  session.on('env', (accept, reject, { key, val }) => {
    const fits = Object.keys(environment).length < MAX_VARIABLES && Buffer.byteLength(val) <= MAX_VARIABLE_BYTES;
    if (login.rights !== 'client' || !fits || val.includes('\0') || !EnvironmentName.safeParse(key).success) {
      return void reject?.();
    }
    environment[key] = val;
    accept?.();
  });
  session.on('signal', (accept, reject, { name }) => {
    if (!running || !/^[A-Z0-9]{2,10}$/.test(name)) return void reject?.();
    running.kill(`SIG${name}` as NodeJS.Signals);
    accept?.();
  });

  const start = (accept: () => ServerChannel, what: 'ssh command' | 'sftp', run: () => RunningCommand): void => {
    const channel = accept();
    log.info({ user: login.user, rights: login.rights }, what);
    running = run();
    // ssh2 fails on a broken connection inside; the connection's own handlers log it.
    carry(channel, running).catch((error: unknown) => log.warn({ why: String(error) }, 'ssh channel broke'));
  };
  session.on('exec', (accept, reject, { command }) => {
    if (deps.isFrozen()) return void reject?.();
    start(accept, 'ssh command', () => deps.runCommand({ command, user: login.user, environment }));
  });
  session.on('subsystem', (accept, reject, { name }) => {
    if (name !== 'sftp' || deps.isFrozen()) return void reject?.();
    start(accept, 'sftp', () => deps.runSftp(login.user));
  });
}

/**
 * Passes bytes both ways until the command is over, then says how it ended. A client that goes away hangs the command
 * up.
 */
async function carry(channel: ServerChannel, running: RunningCommand): Promise<void> {
  let isOver = false;
  const closed = new Promise<void>((resolve) => {
    channel.once('close', () => {
      if (!isOver) running.kill('SIGHUP');
      resolve();
    });
  });
  channel.on('error', () => undefined); // 'close' follows and does what there is to do
  running.stdin.on('error', () => channel.resume()); // a command that does not read its stdin is no error of ours
  channel.pipe(running.stdin);
  const output = new ChannelOutput(channel);
  const written = Promise.all([output.pump(running.stdout, 'stdout'), output.pump(running.stderr, 'stderr')]);
  const { code, signal } = await running.exited;
  isOver = true;
  await untilSilent(output, Promise.race([written, closed]));
  if (signal === null) channel.exit(code ?? 255);
  else channel.exit(signal.replace(/^SIG/, ''), false, '');
  channel.end();
  channel.resume(); // discards what the client still sends to a command that is over
}

/** Waits for the end of the output, but not for a silent source; a client that reads slowly is waited for. */
async function untilSilent(output: ChannelOutput, ended: Promise<unknown>): Promise<void> {
  for (;;) {
    const before = output.progress;
    const outcome = await withinTime(ended, { clock: systemClock, limitMs: DRAIN_MS });
    const isSilent = output.progress.pending === 0 && output.progress.done === before.done;
    if (outcome !== LATE || isSilent) return;
  }
}
