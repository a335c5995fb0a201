import type { ChildProcess } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../shared/time/clock.ts';
import { makeOwnDirectory } from '../system/make-own-path.ts';
import { publicKeyBytes } from '../../shared/keys/ssh-key.ts';
import { spawnSystemProgram } from '../system/system-program.ts';
import { checkSelf } from './check-self.ts';
import type { SshLoginOptions, SshServer } from './ssh-server.ts';
import { printSshdConfig } from './sshd-config.ts';

export interface OpenSshOptions extends SshLoginOptions {
  /** A directory for the agent's use only. The server makes it, and removes it at its end. */
  readonly directory: string;
  /** For commands of root; the next one is for those of the workload user. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workloadEnvironment: Readonly<Record<string, string>>;
  /** Called each time sshd starts: everything that descends from it is the build's. */
  readonly onStarted: (pid: number) => void;
  readonly clock: Clock;
}

const PAM_RULES = '/etc/pam.d/sshd';
// Compiled into Debian's sshd, which does not start without it; in an image nothing makes it.
const PRIVILEGE_SEPARATION = '/run/sshd';
// Pause before sshd is started again: an sshd that cannot start must not take the processor from the build.
const RESTART_AFTER_MS = 1_000;
const POLL_INTERVAL_MS = 20;
// Limit for sshd to listen, which takes some 20 ms; a machine may be a hundred times slower.
const LISTENS_WITHIN_MS = 5_000;

/** The image's own sshd, under the same rules as the embedded server: exec and sftp, and no way to the agent API. */
export async function startOpenSshServer(options: OpenSshOptions): Promise<SshServer> {
  const port = options.port === 0 ? await freePort(options.host) : options.port;
  const configFile = writeFiles(options, port);
  const stop = new AbortController();
  let child: ChildProcess | undefined;
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      child = spawnSystemProgram('sshd', ['-D', '-e', '-f', configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
      const code = await ended(child, options);
      if (stop.signal.aborted) return;
      options.log.error({ code }, 'sshd ended, starting it again');
      await options.clock.sleep(RESTART_AFTER_MS, stop.signal);
    }
  };
  const running = run();
  /** Sessions are processes of their own and go on without the one that listens. */
  const stopListening = (): void => {
    stop.abort();
    child?.kill('SIGTERM');
  };
  return {
    port,
    async selfCheck() {
      await listens({ ...options, port });
      const host = options.host === '0.0.0.0' ? '127.0.0.1' : options.host;
      await checkSelf({ host, port }, publicKeyBytes(options.hostKey.publicLine));
    },
    freeze: stopListening,
    async close() {
      stopListening();
      await running;
      rmSync(options.directory, { recursive: true, force: true });
    },
  };
}

function writeFiles(options: OpenSshOptions, port: number): string {
  const { directory, hostKey, clientKeys, developerKey, workloadUser, isRoot } = options;
  makeOwnDirectory(directory, 0o700);
  if (isRoot) makeOwnDirectory(PRIVILEGE_SEPARATION, 0o755);
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text, { mode: 0o600 });
  const lines = (keys: readonly string[]): string => keys.map((key) => `${key.trim()}\n`).join('');
  write('host_key', hostKey.privateKey);
  write('keys-root', lines(clientKeys));
  const developerKeys = developerKey === undefined ? [] : [developerKey];
  if (workloadUser !== 'root') write(`keys-${workloadUser}`, lines([...clientKeys, ...developerKeys]));
  const users = [...new Set(['root', workloadUser])];
  const workload = { user: workloadUser, environment: options.workloadEnvironment };
  const hasPam = isRoot && existsSync(PAM_RULES);
  write('sshd_config', printSshdConfig({ ...options, port, users, hasPam, workload }));
  return join(directory, 'sshd_config');
}

/** Returns the exit code. */
function ended(child: ChildProcess, { log, onStarted }: OpenSshOptions): Promise<number | null> {
  if (child.pid !== undefined) onStarted(child.pid);
  child.stderr?.on('data', (data: Buffer) => log.warn({ text: data.toString().trim() }, 'sshd says'));
  return new Promise((resolve) => {
    child.once('error', () => resolve(null)); // it could not be started; the next try may
    child.once('exit', (code) => resolve(code));
  });
}

/** Finds a free port. If another program takes it before sshd does, sshd says so and the self-check fails. */
async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function listens({ host, port, clock }: OpenSshOptions): Promise<void> {
  const end = clock.monotonicMs() + LISTENS_WITHIN_MS;
  while (!(await takesConnections(host, port)) && clock.monotonicMs() < end) await clock.sleep(POLL_INTERVAL_MS);
}

function takesConnections(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: host === '0.0.0.0' ? '127.0.0.1' : host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
