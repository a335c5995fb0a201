import type { StreamName } from '../../../shared/protocol/signals.ts';
import { joinRuns, type Runs } from './write-runs.ts';

/** Offsets in the file of a stream, from the smallest to the largest. */
export interface BlockEnd {
  /** Up to here no write is under way any more. */
  readonly settled: number;
  /** Up to here it was written in these runs. */
  readonly sure: number;
  /** Up to here it was perhaps written in these runs. */
  readonly seen: number;
}

/** What was written to both files between two readings of their sizes. */
export interface Block {
  readonly ends: Readonly<Record<StreamName, BlockEnd>>;
  readonly runs: Runs;
}

// Number of blocks that are kept for a process: some 1 MB at the most (chosen).
const MAX_BLOCKS = 4_096;
const NOTHING: BlockEnd = { settled: 0, sure: 0, seen: 0 };

/** The order in which both streams were written, which the files that hold their bytes do not say. */
export class OutputRecord {
  #blocks: Block[] = [];
  /** Blocks before this one are done; they are cut off together, because moving the rest each time is slow. */
  #done = 0;

  /** Beyond the bound the order becomes coarser: a new block is joined with the last one. */
  add(block: Block): void {
    const last = this.#blocks.at(-1);
    if (last && this.#blocks.length - this.#done >= MAX_BLOCKS)
      this.#blocks[this.#blocks.length - 1] = { ends: block.ends, runs: joinRuns(last.runs, block.runs) };
    else this.#blocks.push(block);
  }

  first(): Block | undefined {
    return this.#blocks[this.#done];
  }

  shift(): void {
    this.#done += 1;
    if (this.#done < MAX_BLOCKS && this.#done < this.#blocks.length) return;
    this.#blocks.splice(0, this.#done);
    this.#done = 0;
  }

  /** The file of the stream was emptied, with what the blocks say of it. */
  forget(stream: StreamName): void {
    this.#blocks = this.#blocks.slice(this.#done).map((block) => ({
      ...block,
      ends: { ...block.ends, [stream]: NOTHING },
    }));
    this.#done = 0;
  }
}
