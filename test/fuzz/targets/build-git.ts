// Output of git in the container, and its use by the build tool.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneSource } from '../../../agent/build/git/clone-source.ts';
import { pushCommit } from '../../../agent/build/deploy/deploy-remote.ts';
import { gitFailure, GitFailure } from '../../../agent/build/git/explain-git-failure.ts';
import type { Git, GitResult } from '../../../agent/build/git/git.ts';
import { fetchLargeFiles } from '../../../agent/build/git/large-files.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import type { Target } from '../fuzz-target.ts';

const COMMIT = '1d4c540'.padEnd(40, '0');
const PASSWORD = 'hunter2-hunter2';
const SHOWS_PASSWORD = new RegExp(`[a-z]://[^/\\s]*${PASSWORD}[^/\\s]*@`, 'i');
const REMOTE = {
  uri: `https://user:${PASSWORD}@git.example/app.git`,
  shown: 'https://***@git.example/app.git',
  branch: 'main',
};
const REF = `refs/heads/${REMOTE.branch}`;
const NEVER_SLEEPS = { ...systemClock, sleep: () => Promise.resolve() };
/** A message is two sentences of bounded length. A longer one would hide what happened. */
const MAX_MESSAGE = 9_000;

let directory: string | undefined;

/**
 * A scripted git: every answer is the next part of the input: exit code, stdout, a line of `--`, stderr; then `==`.
 */
class ScriptedGit {
  readonly #parts: readonly string[];
  #next = 0;
  /** Whether an answer said that the deploy repository has the commit. */
  hasConfirmed = false;

  constructor(input: Buffer) {
    this.#parts = input.toString().split('==\n');
  }

  readonly run: Git = (args) => {
    const part = this.#parts[this.#next++ % this.#parts.length] ?? '';
    const [stdout = '', stderr = ''] = part.replace(/^[01] ?/, '').split('--\n');
    const result = { exitCode: part.startsWith('1') ? 1 : 0, stdout, stderr };
    this.#look(args, result);
    return Promise.resolve(result);
  };

  #look(args: readonly string[], { exitCode, stdout }: GitResult): void {
    if (exitCode !== 0) return;
    if (args.includes('merge-base')) this.hasConfirmed = true;
    if (args.includes('ls-remote') && stdout.split('\n').includes(`${COMMIT}\t${REF}`)) this.hasConfirmed = true;
    for (const word of args) if (word.includes('\0')) throw new Error('an argument with a NUL');
  }
}

async function judge(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    const { message } = error;
    if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/.test(message)) throw new Error('a message with controls');
    if (message.length > MAX_MESSAGE) throw new Error(`a message of ${message.length} characters`);
    // A text without a scheme is no address, and the agent's masking covers a password alone.
    if (SHOWS_PASSWORD.test(message)) throw new Error('a message with a password');
    if (typeof error.retryable !== 'boolean') throw new Error(`the kind ${error.kind} is none`);
    return false;
  }
}

async function buildWith(input: Buffer): Promise<void> {
  directory ??= mkdtempSync(join(tmpdir(), 'wip-fuzz-git-'));
  const place = directory;
  const workspace = join(place, 'workspace');
  const deploy = new ScriptedGit(input);
  const tools = { inRepository: deploy.run, pushing: deploy.run, outside: deploy.run, clock: NEVER_SLEEPS };
  const isPushed = await judge(() => pushCommit(tools, REMOTE, { commit: COMMIT, directory: place }));
  if (isPushed && !deploy.hasConfirmed) throw new Error('pushed, and the repository never said so');
  const source = new ScriptedGit(input);
  const open = (git: Git): Promise<Git> => Promise.resolve(git);
  const isCloned = await judge(() => cloneSource(source.run, { uri: REMOTE.uri, path: 'main' }, workspace, open));
  if (isCloned) await judge(() => fetchLargeFiles({ git: source.run, guard: open, isSkipped: false }, workspace));
  const [stdout = '', stderr = ''] = input.toString().split('--\n');
  for (const side of ['source', 'deploy', 'workspace'] as const) {
    await judge(() => Promise.reject(gitFailure('Cloning failed', { exitCode: 128, stdout, stderr }, side)));
  }
}

export const BUILD_GIT_TARGETS: readonly Target[] = [
  {
    name: 'git-build',
    share: 3,
    pieces: [
      ...[
        `${COMMIT}\t${REF}\n`,
        `${COMMIT}\trefs/heads/\u001b[31m\n`,
        `${'a'.repeat(64)}\trefs/tags/main\n`,
        '\t',
        REF,
      ],
      ...['==\n', '--\n', '0 ', '1 ', `To ${REMOTE.uri}\n`, `!\t${REF}:${REF}\t[rejected] (fetch first)\n`, 'Done\n'],
      ...['fatal: ', 'remote: ', 'error: ', 'hint: ', '\r', '\u001b[2K', '\u009b31m', '\u202e', REMOTE.uri],
      ...['non-fast-forward', 'Permission denied', 'returned error: 413', 'object-format=sha256', 'Endpoint=https://x'],
      ...["cannot lock ref '", 'Repository not found', 'hook declined', 'exceeds size ', 'warning: redirecting to '],
    ],
    run: buildWith,
    close() {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
      directory = undefined;
    },
  },
];
