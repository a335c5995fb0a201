import type { StreamName } from '../../../shared/protocol/signals.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Block, BlockEnd } from './output-record.ts';
import type { OutputStore } from './output-store.ts';
import { STREAMS } from './write-runs.ts';
import { WriteWatch } from './write-watch.ts';

export interface OutputSizesDeps {
  readonly stores: Readonly<Record<StreamName, OutputStore>>;
  readonly clock: Clock;
  readonly onBlock: (block: Block) => void;
  /** Called before the block that begins the file again. */
  readonly onEmptied: (stream: StreamName) => void;
}

type Sizes = Readonly<Record<StreamName, number>>;

const NONE: Sizes = { stdout: 0, stderr: 0 };

/** Reads the sizes of both files when the kernel reports writes, and now and then without. */
export class OutputSizes {
  readonly #deps: OutputSizesDeps;
  readonly #watch: WriteWatch;
  /** Size at the last poll. */
  #settled = NONE;
  /** While writes were reported last: everything up to here was reported. */
  #sure = NONE;
  #ends: Block['ends'] | undefined;

  constructor(deps: OutputSizesDeps) {
    this.#deps = deps;
    this.#watch = new WriteWatch({
      paths: { stdout: deps.stores.stdout.path, stderr: deps.stores.stderr.path },
      clock: deps.clock,
      onSome: () => (this.#sure = this.#sizes()),
      onAll: () => this.read(),
    });
  }

  /**
   * Finds what the kernel does not report, because a watch rests or an event was lost: no run to come has what was there at
   * the last poll. Returns whether a file has grown.
   */
  poll(): boolean {
    const before = this.#settled;
    this.read();
    this.#settled = this.#sizes();
    const isQuiet = (stream: StreamName): boolean => this.#settled[stream] === before[stream];
    this.#watch.resume(isQuiet);
    return !STREAMS.every(isQuiet);
  }

  /** Notes what is new. */
  read(): void {
    const sizes = this.#sizes();
    for (const stream of STREAMS) if (sizes[stream] < this.seenBytes(stream)) this.#beginAgain(stream);
    const runs = this.#watch.takeRuns();
    const ends = { stdout: this.#endOf('stdout', sizes), stderr: this.#endOf('stderr', sizes) };
    const known = this.#ends;
    const isNew = STREAMS.some((stream) => !known || differ(ends[stream], known[stream]));
    if (runs.count === 0 && !isNew) return;
    this.#ends = ends;
    this.#deps.onBlock({ ends, runs });
  }

  /** The last reading. A grandchild may go on writing for ever, so the end is where the files end now. */
  finish(): void {
    this.#settled = this.#sizes();
    this.read();
    this.#watch.close();
  }

  /** Returns how much was written since the last reading. */
  newBytes(): number {
    const sizes = this.#sizes();
    return Math.max(...STREAMS.map((stream) => sizes[stream] - this.seenBytes(stream)));
  }

  seenBytes(stream: StreamName): number {
    return this.#ends?.[stream].seen ?? 0;
  }

  #sizes(): Sizes {
    const { stdout, stderr } = this.#deps.stores;
    return { stdout: stdout.size(), stderr: stderr.size() };
  }

  #beginAgain(stream: StreamName): void {
    this.#settled = { ...this.#settled, [stream]: 0 };
    this.#sure = { ...this.#sure, [stream]: 0 };
    this.#deps.onEmptied(stream);
  }

  #endOf(stream: StreamName, { [stream]: seen }: Sizes): BlockEnd {
    const settled = Math.min(this.#settled[stream], seen);
    // The kernel reports nothing more of a stream whose watch rests.
    const sure = this.#watch.isResting(stream) ? seen : Math.min(Math.max(settled, this.#sure[stream]), seen);
    return { settled, sure, seen };
  }
}

function differ(one: BlockEnd, other: BlockEnd): boolean {
  return one.settled !== other.settled || one.sure !== other.sure || one.seen !== other.seen;
}
