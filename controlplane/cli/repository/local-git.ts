import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { OperationalError } from '../../../shared/model/error.ts';
import type { CliContext } from '../cli-context.ts';

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  /** stderr on one line. */
  readonly words: string;
}

/** Runs a git query in a directory. A non-zero exit code is an answer. Throws GIT_MISSING and GIT_FAILED. */
export type LocalGit = (directory: string, args: readonly string[]) => GitAnswer;

/**
 * The list of `git rev-parse --local-env-vars`. Git sets them for hooks and aliases, and they would make git use that repository
 * instead.
 */
const REPOSITORY_VARIABLES = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_GRAFT_FILE',
  'GIT_SHALLOW_FILE',
  'GIT_REPLACE_REF_BASE',
];

// `git status` stays far below both limits even in the largest repositories. A hanging file system must not make wipctl hang.
const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export function createLocalGit(context: Pick<CliContext, 'environment'>): LocalGit {
  const env: NodeJS.ProcessEnv = { PATH: '/usr/local/bin:/usr/bin:/bin', ...context.environment };
  for (const name of REPOSITORY_VARIABLES) delete env[name];
  // Queries must not change anything: git must neither refresh the index nor start a file system monitor that the repository
  // configures.
  Object.assign(env, { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' });
  return (directory, args) => {
    const asked = spawnSync('git', ['-c', 'core.fsmonitor=false', ...args], {
      cwd: directory,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    if (asked.error) throw cannotAsk(asked.error, directory);
    const words = asked.stderr.replace(/\s+/g, ' ').trim();
    return { exitCode: asked.status ?? 128, stdout: asked.stdout.replace(/\n$/, ''), words };
  };
}

function cannotAsk(cause: NodeJS.ErrnoException, directory: string): OperationalError {
  // ENOENT also means that the working directory does not exist.
  if (cause.code === 'ENOENT' && existsSync(directory)) {
    return new OperationalError('GIT_MISSING', {
      happened: `The program git was not found, so nothing is known of the repository at ${directory}`,
      remedy: 'Install git or put its directory into PATH, or give the URL of the repository with --branch',
      cause,
    });
  }
  return new OperationalError('GIT_FAILED', {
    happened: `git could not be asked about ${directory}: ${cause.message}`,
    remedy: 'Make sure that git works in that directory, or give the URL of the repository with --branch',
    cause,
  });
}
