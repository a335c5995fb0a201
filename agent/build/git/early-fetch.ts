import { wantedRefs, type Source } from './find-ref.ts';
import type { Git, GitResult } from './git.ts';
import { isPassing } from './patient-git.ts';

// A fresh clone needs no housekeeping, which git would start after each fetch; gc.auto is its name before 2.29.
export const FETCH = ['-c', 'maintenance.auto=false', '-c', 'gc.auto=0', 'fetch', '--quiet', '--no-tags'];

/**
 * The fetch of what is probably meant, which goes on while the source is asked what it has. It saves the time of one connection
 * where the guess is right, and each failure is told of by what comes after it.
 */
export class EarlyFetch {
  readonly #target: string;
  readonly #stop = new AbortController();
  readonly #result: Promise<GitResult | null>;

  /** `git` runs in a repository that was made just now and has the source as its origin. */
  constructor(git: Git, { path, commit }: Source) {
    this.#target = commit ?? wantedRefs(path)[0];
    const args = [...FETCH, '--depth=1', 'origin', this.#target];
    // Whatever it fails of, the next command says.
    this.#result = git(args, { abort: this.#stop.signal, isTriedOnce: true }).catch(() => null);
  }

  /** What became of the fetch of this ref or commit. Null where another try may have another result. */
  async resultOf(target: string): Promise<GitResult | null> {
    const result = await this.#result;
    return result === null || target !== this.#target || isPassing(result) ? null : result;
  }

  /** Nothing of it runs when this returns. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#result;
  }
}
