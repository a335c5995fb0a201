import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runBuildTool } from '../../../agent/build/build-tool.ts';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';

export interface BuildOutcome {
  readonly exitCode: number;
  /** stdout, unchanged. */
  readonly bytes: Buffer;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams in the order in which they were written. */
  readonly all: string;
}

export interface BuildOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Replaces DNS. Without it only localhost is known. */
  readonly lookupHost?: (host: string) => Promise<readonly string[]>;
  readonly oomKills?: () => number | null;
  /** Called for each piece of stdout; the next one waits for the promise. */
  readonly reader?: () => Promise<void>;
}

/**
 * A temporary directory with git repositories in it, and the build tool to run on them. The machine's git
 * configuration and home directory have no effect.
 */
export class BuildPlace {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'wip-test-build-')));
  /**
   * The environment that an agent gives: no HOME, no git configuration. TMPDIR shows the files that the tool leaves
   * behind.
   */
  readonly environment: Readonly<Record<string, string>>;

  constructor() {
    this.environment = {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      TMPDIR: this.path('tmp'),
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
    };
    mkdirSync(this.path('tmp'));
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  write(files: Readonly<Record<string, string | Buffer>>, below = '.'): void {
    for (const [name, content] of Object.entries(files)) {
      const file = this.path(below, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }

  git(below: string, ...args: string[]): string {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'protocol.file.allow=always'];
    return execFileSync('git', [...identity, ...args], {
      cwd: this.path(below),
      env: this.environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  }

  /** Makes a repository with these files on its branch main. Returns the commit. */
  repository(name: string, files: Readonly<Record<string, string | Buffer>>): string {
    mkdirSync(this.path(name), { recursive: true });
    this.git(name, 'init', '--quiet', '-b', 'main');
    return this.commit(name, files);
  }

  commit(name: string, files: Readonly<Record<string, string | Buffer>>): string {
    this.write(files, name);
    this.git(name, 'add', '--all');
    this.git(name, 'commit', '--quiet', '--allow-empty', '-m', 'a change');
    return this.git(name, 'rev-parse', 'HEAD');
  }

  bareRepository(name: string): string {
    mkdirSync(this.path(name), { recursive: true });
    this.git(name, 'init', '--quiet', '--bare', '-b', 'main');
    return this.path(name);
  }

  async build(argv: readonly string[], options: BuildOptions = {}): Promise<BuildOutcome> {
    const written: Record<'stdout' | 'stderr' | 'all', Buffer[]> = { stdout: [], stderr: [], all: [] };
    const take = (stream: 'stdout' | 'stderr') => async (text: string | Uint8Array) => {
      if (stream === 'stdout') await options.reader?.();
      for (const list of [written[stream], written.all]) list.push(Buffer.from(text));
    };
    const exitCode = await runBuildTool(argv, {
      environment: { ...this.environment, ...options.environment },
      cwd: this.directory,
      stdout: take('stdout'),
      stderr: take('stderr'),
      clock: options.clock ?? systemClock,
      random: () => 0.5,
      lookupHost: options.lookupHost ?? knowsLocalhost,
      oomKills: options.oomKills ?? (() => null),
      abort: options.signal ?? new AbortController().signal,
      inputEnd: () => new AbortController().signal,
    });
    const bytes = Buffer.concat(written.stdout);
    const [stderr, all] = [Buffer.concat(written.stderr).toString(), Buffer.concat(written.all).toString()];
    return { exitCode, bytes, stdout: bytes.toString(), stderr, all };
  }

  /** Runs a build file on a workspace that holds only this file. */
  async run(
    buildFile: string,
    options: BuildOptions & { readonly argv?: readonly string[] } = {},
  ): Promise<BuildOutcome> {
    this.write({ 'acquia-pipelines.yaml': buildFile }, 'workspace');
    return this.build(['run', '--workspace', 'workspace', '--source-path', 'main', ...(options.argv ?? [])], options);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function knowsLocalhost(host: string): Promise<readonly string[]> {
  return host === 'localhost' ? Promise.resolve(['127.0.0.1']) : Promise.reject(new Error(`unknown host ${host}`));
}

/** Returns a build file with one step of these commands. */
export function stepOf(...commands: string[]): string {
  const lines = commands.map((command) => `            - ${JSON.stringify(command)}\n`).join('');
  return `version: 1.0.0\nevents:\n  build:\n    steps:\n      - only:\n          script:\n${lines}`;
}
