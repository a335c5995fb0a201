import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ownBash } from './own-bash.ts';
import { killProcessGroup } from './process-group.ts';

/** What a bash has said. */
export interface BashAnswer {
  readonly stdout: string;
  readonly stderr: string;
}

export interface BashQuestion {
  readonly script: string;
  /** Texts that the script reads from its standard input, each with a NUL behind it. */
  readonly texts: readonly string[];
  /** The PATH in which bash is looked for. */
  readonly programPath: string;
  /** A bash that has not answered by then is killed: a wrapper that a machine has instead of it may wait for ever. */
  readonly limitMs: number;
}

/**
 * Runs a script of our own by the bash of the build, with nothing else of its environment: BASH_ENV and exported
 * functions are for the commands of steps. Returns null when there is no bash, and when it does not answer in time.
 */
export async function askBash({ script, texts, programPath, limitMs }: BashQuestion): Promise<BashAnswer | null> {
  const env = { PATH: programPath, LC_ALL: 'C' };
  // A group of its own: what a wrapper has started holds the pipes open, and is killed with it.
  const child = spawn('bash', ownBash(script), { env, stdio: 'pipe', detached: true });
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    if (child.pid !== undefined) killProcessGroup(child.pid);
  }, limitMs);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  child.stdin.on('error', () => undefined); // bash has ended before it had read all
  child.stdin.end(texts.map((text) => `${text}\0`).join(''));
  try {
    await once(child, 'close');
  } catch {
    return null;
  } finally {
    clearTimeout(limit);
  }
  return isLate ? null : { stdout, stderr };
}
