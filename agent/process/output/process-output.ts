import { setImmediate as nextTurn } from 'node:timers/promises';
import { join } from 'node:path';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { SecretPatterns } from '../secrets/masker.ts';
import { OutputFollower } from './output-follower.ts';
import { OutputSizes } from './output-sizes.ts';
import { OutputStore } from './output-store.ts';

export interface ProcessOutputDeps {
  /** Holds the two files of the process. */
  readonly directory: string;
  readonly secretPatterns: SecretPatterns;
  readonly clock: Clock;
  /** Masked bytes with their offset, both streams in the order in which they were written. The memory is used again. */
  readonly onOutput: (stream: StreamName, offset: number, data: Buffer) => void;
}

// How often the sizes are read without an event: soon while the files grow, otherwise four times a second, which costs less
// than 0.1 % of a core (two fstat calls of a few microseconds).
const POLL_GROWING_MS = 100;
const POLL_QUIET_MS = 250;
// Output is collected for this long before it is given on, so that thousands of lines a second do not come one by one.
// The first one after a pause does not wait.
const COLLECT_MS = 100;
/**
 * A process that has written at least this much during the last turn is followed without a pause. It is the size of one
 * read.
 */
const MUCH_BYTES = 256 * 1024;
// A stream waits for this long for the rest of what may be a secret on the other one, and rarely is (chosen).
const MAX_WAIT_MS = 250;

/** Output of one process, which writes to files: watched for its order, masked, and given on. */
export class ProcessOutput {
  readonly #deps: ProcessOutputDeps;
  readonly #stores: Readonly<Record<StreamName, OutputStore>>;
  readonly #follower: OutputFollower;
  readonly #sizes: OutputSizes;
  readonly #finished = new AbortController();
  #givenBytes = 0;
  #followedAtMs = -Infinity;
  #isFollowing = false;
  #isLimiting = false;

  constructor(deps: ProcessOutputDeps) {
    const { directory, secretPatterns, clock } = deps;
    this.#deps = deps;
    const storeOf = (stream: StreamName): OutputStore => new OutputStore(join(directory, stream), secretPatterns);
    const stores = { stdout: storeOf('stdout'), stderr: storeOf('stderr') };
    this.#stores = stores;
    const follower = new OutputFollower({
      stores,
      secretPatterns,
      onOutput: (stream, offset, data) => {
        this.#givenBytes += data.length;
        deps.onOutput(stream, offset, data);
      },
    });
    this.#follower = follower;
    this.#sizes = new OutputSizes({
      stores,
      clock,
      onBlock: (block) => {
        follower.add(block);
        if (!this.#isFollowing) void this.#follow();
      },
      onEmptied: (stream) => follower.beginAgain(stream),
    });
    void this.#poll();
  }

  stream(name: StreamName): OutputStore {
    return this.#stores[name];
  }

  /** Everything that was written so far; `startFailure` stands for output of a process that never started. */
  finish(startFailure: string | undefined): void {
    this.#finished.abort();
    this.#isFollowing = true;
    this.#sizes.finish();
    this.#follower.finish();
    if (startFailure !== undefined) this.#say(`${startFailure}\n`);
    for (const store of Object.values(this.#stores)) store.close();
  }

  #say(text: string): void {
    const { ends } = this.#stores.stderr;
    const data = this.#stores.stderr.say(text);
    const offset = ends.bytes();
    ends.push(data);
    this.#deps.onOutput('stderr', offset, data);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#finished;
    while (!signal.aborted) {
      const hasGrown = this.#sizes.poll();
      await this.#deps.clock.sleep(hasGrown ? POLL_GROWING_MS : POLL_QUIET_MS, signal);
      // Events that wait are read first.
      await nextTurn();
    }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#finished;
    const { clock } = this.#deps;
    this.#isFollowing = true;
    const restMs = this.#followedAtMs + COLLECT_MS - clock.monotonicMs();
    if (restMs > 0) await clock.sleep(restMs, signal);
    while (!signal.aborted && (this.#follower.turn() === 'more' || this.#isBehind())) await nextTurn();
    if (signal.aborted) return;
    this.#followedAtMs = clock.monotonicMs();
    this.#isFollowing = false;
    if (this.#follower.isWaiting && !this.#isLimiting) void this.#limitWaiting();
  }

  #isBehind(): boolean {
    const isBehind = this.#sizes.newBytes() >= MUCH_BYTES;
    if (isBehind) this.#sizes.read();
    return isBehind;
  }

  async #limitWaiting(): Promise<void> {
    this.#isLimiting = true;
    while (this.#follower.isWaiting && !this.#finished.signal.aborted) {
      const before = this.#givenBytes;
      await this.#deps.clock.sleep(MAX_WAIT_MS, this.#finished.signal);
      if (this.#givenBytes === before && !this.#finished.signal.aborted) this.#follower.stopWaiting();
    }
    this.#isLimiting = false;
  }
}
