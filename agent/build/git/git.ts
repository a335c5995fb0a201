import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { OperationalError } from '../../../shared/model/error.ts';
import { environmentForChildren, type BuildDeps } from '../build-deps.ts';
import { fullDiskOf, type FullDisk } from '../full-disk.ts';
import { endProcessGroup, killProcessGroup } from '../step/process-group.ts';

export interface GitResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** How often the command was run, when that was more than once. */
  readonly tries?: number;
  /** The disk below the directory of a command that failed, when it is full: git often says only what it could not write. */
  readonly fullDisk?: FullDisk;
}

interface GitOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends this command at once, and not the build: what it leaves behind must be of no use to anybody. */
  readonly abort?: AbortSignal;
  /** A failure that time may heal is not waited out (see patient-git.ts). */
  readonly isTriedOnce?: boolean;
}

export type Git = (args: readonly string[], options?: GitOptions) => Promise<GitResult>;

// Both are far above what the commands used here print; a hostile server must not fill the memory.
const MAX_STDOUT_CHARACTERS = 4_000_000;
const MAX_STDERR_CHARACTERS = 16_000;

/** Where this tool was itself started by a git hook, these would lead git to that other repository. */
const REPOSITORY_VARIABLES = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_CONFIG',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  // A repository gets the format of the other side.
  'GIT_DEFAULT_HASH',
];

/** A redirect would lead to a host that nobody has judged (see repository-guard.ts). */
const OUR_CONFIGURATION = ['-c', 'core.hooksPath=/dev/null', '-c', 'http.followRedirects=false'];

/**
 * OpenSSH waits without end for a server that accepts the connection and says nothing, or that goes away in the middle. 30 s is
 * the dial timeout of Git LFS; three lost answers end a connection (ssh_config(5), ServerAliveCountMax).
 */
export const SSH_PATIENCE = '-o ConnectTimeout=30 -o ServerAliveInterval=30';

/**
 * For the first command that speaks to a server: curl has no limit of its own for one that accepts the connection and says nothing. A
 * list of refs comes within seconds, while the pack of a big repository may take minutes to be made.
 */
export const IMPATIENT = ['-c', 'http.lowSpeedLimit=1', '-c', 'http.lowSpeedTime=60'];

type GitDeps = Pick<BuildDeps, 'abort' | 'clock' | 'cwd' | 'guard'>;

/** Thrown when the abort of the build ended a git command. */
export class BuildAborted extends Error {}

/**
 * Runs git with the caller's own environment (the control plane's GIT_SSH_COMMAND is in it), without prompts, hooks or
 * translations. For the time before the first step only: the configuration of user and machine counts. Throws
 * GIT_MISSING; a non-zero exit code is a result.
 */
export function createGit(deps: BuildDeps, own: Readonly<Record<string, string>> = {}): Git {
  const environment = environmentForChildren(deps.environment);
  for (const name of REPOSITORY_VARIABLES) delete environment[name];
  if (!environment.GIT_SSH_COMMAND && !environment.GIT_SSH)
    environment.GIT_SSH_COMMAND = `ssh -o BatchMode=yes ${SSH_PATIENCE}`;
  Object.assign(environment, { GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }, own);
  return gitProgram(deps, 'git', environment);
}

/** Runs this program with this environment and nothing else. */
export function gitProgram(deps: GitDeps, program: string, environment: Readonly<Record<string, string>>): Git {
  return (args, options = {}) => runGit(deps, { program, args, environment }, options);
}

interface GitCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

async function runGit(deps: GitDeps, command: GitCommand, options: GitOptions): Promise<GitResult> {
  if (deps.abort.aborted) throw new BuildAborted();
  const cwd = options.cwd ?? deps.cwd;
  const child = spawn(command.program, [...OUR_CONFIGURATION, ...command.args], {
    cwd,
    env: { ...command.environment, ...options.environment },
    stdio: 'pipe',
    detached: true, // its own group: git's helpers (ssh, remote-https, pack-objects) end with it
  });
  if (child.pid !== undefined) deps.guard?.watchSession(child.pid);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < MAX_STDOUT_CHARACTERS) stdout += text;
  });
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (stderr = (stderr + text).slice(-MAX_STDERR_CHARACTERS)));
  child.stdin.on('error', () => undefined); // git may end without reading its input; its exit code says why
  child.stdin.end(options.input ?? '');
  let ending: Promise<void> | undefined;
  const end = (): void => void (ending ??= child.pid ? endProcessGroup(child.pid, deps.clock) : undefined);
  const kill = (): void => void (child.pid && killProcessGroup(child.pid));
  const aborts = [[deps.abort, end] as const, ...(options.abort ? [[options.abort, kill] as const] : [])];
  for (const [abort, stop] of aborts) {
    abort.addEventListener('abort', stop, { once: true });
    if (abort.aborted) stop();
  }
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', (cause: NodeJS.ErrnoException) => reject(cannotStart(cause, cwd)));
      child.once('close', (code) => resolve(code ?? 128));
    });
    await ending;
    if (deps.abort.aborted) throw new BuildAborted();
    const fullDisk = exitCode === 0 ? null : fullDiskOf(cwd);
    return { exitCode, stdout, stderr, ...(fullDisk && { fullDisk }) };
  } finally {
    for (const [abort, stop] of aborts) abort.removeEventListener('abort', stop);
    if (child.pid !== undefined) deps.guard?.forgetSession(child.pid);
  }
}

function cannotStart(cause: NodeJS.ErrnoException, cwd: string): Error {
  // ENOENT also means that the directory to start in is gone, and then git is not what is missing.
  if (cause.code !== 'ENOENT' || !existsSync(cwd)) return cause;
  return new OperationalError('GIT_MISSING', {
    happened: 'The program git was not found',
    remedy: 'Install git in the build image, or put its directory into PATH',
    cause,
  });
}

/** A password ends at the last @ before the path: it may hold one itself. */
export function withoutPassword(text: string): string {
  const masked = text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s]+@/gi, (_, scheme: string) => `${scheme}***@`);
  // One that was not encoded holds what ends a host elsewhere, such as the / of base64: it begins behind the first colon,
  // where no port stands.
  return masked.replace(
    /([a-z][a-z0-9+.-]*:\/\/)[^/\s:@]*:(?!\d+(?:[/\s]|$))[^@\n]*@/gi,
    (_, scheme: string) => `${scheme}***@`,
  );
}

/** Whether an address names a repository on this machine, as git decides it. */
export function isLocalRepository(uri: string): boolean {
  if (/^file:\/\//i.test(uri)) return true;
  if (/^[a-z][a-z0-9+.-]*:(\/\/|:)/i.test(uri)) return false;
  const colon = uri.indexOf(':');
  const slash = uri.indexOf('/');
  return colon < 0 || (slash >= 0 && slash < colon); // otherwise [user@]host:path
}
