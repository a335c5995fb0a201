import { watch, type FSWatcher } from 'node:fs';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { createWatchBudget, type WatchBudget } from './watch-budget.ts';
import { STREAMS, otherThan, type Runs } from './write-runs.ts';

/**
 * Number of events in a row of one stream, while the other is silent, after which it is polled instead of watched:
 * until the other writes, or it is quiet itself. Half as many the next time, if the streams did not alternate in
 * between.
 */
const MAX_WAKES_ALONE = 64;
/**
 * Number of events that are read in one go, some 10 ms. A program that writes faster than its events are read would
 * keep the event loop for itself.
 */
const MAX_EVENTS_PER_TURN = 4_096;
/**
 * Both sizes are read at each of the first 16 events and then at every 16th, to know nearly how much was written in the
 * runs.
 */
const EVENTS_PER_READING = 16;

export interface WriteWatchDeps {
  readonly paths: Readonly<Record<StreamName, string>>;
  readonly clock: Clock;
  /** Called while events are read. Whatever was written so far has been reported when `onAll` is called. */
  readonly onSome: () => void;
  /** Called when all events that waited have been read. */
  readonly onAll: () => void;
}

/**
 * Reports in what order two files are written, by inotify(7). The kernel keeps one queue for both and joins an event with
 * the one before only where they are equal, so the runs are exact however late the agent reads them. It does not say how
 * much was written in a run.
 */
export class WriteWatch {
  readonly #deps: WriteWatchDeps;
  readonly #budget: WatchBudget;
  readonly #watchers: Partial<Record<StreamName, FSWatcher>> = {};
  #first: StreamName = 'stdout';
  #last: StreamName | undefined;
  #runs = 0;
  #events = 0;
  #alone: { stream: StreamName; wakes: number } = { stream: 'stdout', wakes: 0 };
  #maxWakesAlone = MAX_WAKES_ALONE;
  /** Watching rests because only this stream wrote. */
  #loud: StreamName | undefined;
  #isClosed = false;

  constructor(deps: WriteWatchDeps) {
    this.#deps = deps;
    this.#budget = createWatchBudget(deps.clock.monotonicMs());
    this.resume(() => true);
  }

  /** Whether nothing is reported of the stream: it writes too much, or the kernel has no room for a watch. */
  isResting(stream: StreamName): boolean {
    return this.#watchers[stream] === undefined;
  }

  /** Returns the runs since the last call. */
  takeRuns(): Runs {
    const runs = { first: this.#first, count: this.#runs };
    this.#runs = 0;
    this.#last = undefined;
    return runs;
  }

  /** Watches again what rests, unless watching has cost too much. A stream that wrote alone must be quiet for that. */
  resume(isQuiet: (stream: StreamName) => boolean): void {
    if (this.#isClosed || !this.#budget.isEnough(this.#deps.clock.monotonicMs())) return;
    for (const stream of STREAMS) if (stream !== this.#loud || isQuiet(stream)) this.#open(stream);
  }

  close(): void {
    this.#isClosed = true;
    this.#rest();
  }

  #open(stream: StreamName): void {
    if (this.#watchers[stream]) return;
    if (this.#loud === stream) this.#loud = undefined;
    try {
      const watcher = watch(this.#deps.paths[stream], { persistent: false }, () => this.#note(stream));
      watcher.on('error', () => this.#close(stream));
      this.#watchers[stream] = watcher;
    } catch {
      // Users share a number of watches (fs.inotify.max_user_watches), or there is no file. Both are polled anyway.
    }
  }

  #close(stream: StreamName): void {
    this.#watchers[stream]?.close();
    delete this.#watchers[stream];
  }

  #rest(): void {
    for (const stream of STREAMS) this.#close(stream);
  }

  #note(stream: StreamName): void {
    if (this.#isClosed) return;
    this.#events += 1;
    if (this.#events === 1) setImmediate(() => this.#endTurn());
    if (this.#events <= EVENTS_PER_READING || this.#events % EVENTS_PER_READING === 0) this.#deps.onSome();
    const other = otherThan(stream);
    if (this.isResting(other)) {
      // Whatever a resting stream has written is from before this write, as far as the agent can know.
      this.#addRun(other);
      this.#open(other);
    } else if (this.#alone.stream === other) this.#maxWakesAlone = Math.min(MAX_WAKES_ALONE, this.#maxWakesAlone * 2);
    if (this.#alone.stream === other) this.#alone = { stream, wakes: 0 };
    this.#addRun(stream);
    if (this.#events >= MAX_EVENTS_PER_TURN) this.#rest();
  }

  #addRun(stream: StreamName): void {
    if (this.#runs === 0) this.#first = stream;
    if (this.#last !== stream) this.#runs += 1;
    this.#last = stream;
  }

  #endTurn(): void {
    const events = this.#events;
    this.#events = 0;
    if (this.#isClosed) return;
    this.#alone.wakes += 1;
    this.#deps.onAll();
    if (!this.#budget.spend(events, this.#deps.clock.monotonicMs())) this.#rest();
    else if (events >= MAX_EVENTS_PER_TURN) this.resume(() => true);
    else if (this.#alone.wakes > this.#maxWakesAlone) this.#restAlone(this.#alone.stream);
  }

  #restAlone(stream: StreamName): void {
    this.#close(stream);
    this.#loud = stream;
    this.#alone.wakes = 0;
    this.#maxWakesAlone = Math.max(1, this.#maxWakesAlone >> 1);
  }
}
