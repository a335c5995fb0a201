import { HEAD_BYTES, type StreamName } from '../../../shared/protocol/signals.ts';
import { dealLines, type NewText, type Part } from './deal-lines.ts';
import { createMasker, type SecretPatterns } from '../secrets/masker.ts';
import { createOutputOrder, type OutputOrder } from './output-order.ts';
import { OutputRecord, type Block } from './output-record.ts';
import { KEEP_BYTES, type OutputStore } from './output-store.ts';
import { otherThan, STREAMS } from './write-runs.ts';

/** One read; big enough for 1 GB/s out of the page cache, small enough to share the event loop. */
const READ_BYTES = 256 * 1024;
/**
 * Bytes that are followed in a row before others get a turn: about 5 ms with masking. They are sent between the turns.
 * From a build that writes 200 MB/s on two cores 23 MB/s were sent with 4 MiB, 35 with 2 MiB, and 45 with 1 MiB, where
 * the build itself wrote a twentieth less (measured 2026-11).
 */
const TURN_BYTES = 2 * 1024 * 1024;
/**
 * Pieces that are followed in a row. Where a program writes on both streams in turns, each line is a piece, and this
 * many take some 5 ms, too.
 */
const TURN_PIECES = 1_024;
/** Lines of a block with more runs are not dealt: so large a block is more than a moment's worth. */
const MAX_DEALT_RUNS = 8 * 1_024;
/**
 * A follower that is further behind than this jumps to what the file keeps, and counts what it left out. So the end of
 * a burst is never lost. The 16 MiB between the two make a few large gaps out of many small ones (chosen).
 */
const MAX_BEHIND_BYTES = KEEP_BYTES + 16 * 1024 * 1024;
/** The kernel copies a write page by page. So a reading may find a part of a line, which then ends with a page. */
const PAGE_BYTES = 4_096;
const NEWLINE = 0x0a;

export interface OutputFollowerDeps {
  readonly stores: Readonly<Record<StreamName, OutputStore>>;
  readonly secretPatterns: SecretPatterns;
  /** Masked bytes with their offset, both streams in the order of the record. The memory is used again. */
  readonly onOutput: (stream: StreamName, offset: number, data: Buffer) => void;
}

interface Position {
  /** Bytes of the file that were given to the masker, or left out. */
  followed: number;
  /** Size of the file at the last reading. */
  seen: number;
  /** Bytes before the place of a jump, which are masked because of what follows them, and not given on. */
  unseen: number;
  scratch: Buffer | undefined;
}

const createPosition = (): Position => ({ followed: 0, seen: 0, unseen: 0, scratch: undefined });

/** Follows the files of both streams at its own speed, block by block of the record. */
export class OutputFollower {
  readonly #deps: OutputFollowerDeps;
  readonly #record = new OutputRecord();
  readonly #order: OutputOrder;
  readonly #positions: Readonly<Record<StreamName, Position>> = { stdout: createPosition(), stderr: createPosition() };
  #turnBytes = 0;
  #turnPieces = 0;

  constructor(deps: OutputFollowerDeps) {
    this.#deps = deps;
    const maskers = { stdout: createMasker(deps.secretPatterns), stderr: createMasker(deps.secretPatterns) };
    this.#order = createOutputOrder(maskers, (stream, masked) => this.#give(stream, masked));
  }

  /** Whether something waits for the rest of what may be a secret. */
  get isWaiting(): boolean {
    return this.#order.isWaiting;
  }

  stopWaiting(): void {
    this.#order.stopWaiting();
  }

  /** Takes what was written since the last reading. */
  add(block: Block): void {
    for (const stream of STREAMS) this.#positions[stream].seen = block.ends[stream].seen;
    this.#record.add(block);
  }

  /** The build has emptied the file: what was not read of it yet is gone. */
  beginAgain(stream: StreamName): void {
    this.#order.cut(stream);
    this.#record.forget(stream);
    Object.assign(this.#positions[stream], { followed: 0, seen: 0 });
    this.#deps.stores[stream].beginAgain();
  }

  /** Masks and gives on what is new, for one turn. Returns whether there is more at once. */
  turn(): 'more' | 'done' {
    this.#turnBytes = 0;
    this.#turnPieces = 0;
    let hasMore = true;
    while (hasMore && this.#turnBytes < TURN_BYTES && this.#turnPieces < TURN_PIECES) hasMore = this.#followSome();
    for (const stream of STREAMS) {
      const { followed, seen } = this.#positions[stream];
      this.#deps.stores[stream].setEnds(followed, seen);
    }
    return hasMore ? 'more' : 'done';
  }

  /** The rest, bounded like every turn by the jump, when no block comes any more. */
  finish(): void {
    while (this.turn() === 'more');
    this.#order.end();
    for (const position of Object.values(this.#positions)) position.scratch = undefined;
  }

  /** Returns whether there is more. */
  #followSome(): boolean {
    for (const stream of STREAMS) this.#jumpWhenFarBehind(stream);
    const block = this.#record.first();
    if (!block) return false;
    const left = { stdout: this.#leftOf('stdout', block), stderr: this.#leftOf('stderr', block) };
    if (left.stdout + left.stderr === 0) this.#record.shift();
    else if (left.stdout <= READ_BYTES && left.stderr <= READ_BYTES && block.runs.count <= MAX_DEALT_RUNS)
      this.#deal(block);
    else this.#readOn(left[block.runs.first] > 0 ? block.runs.first : otherThan(block.runs.first), block);
    return this.#record.first() !== undefined;
  }

  #leftOf(stream: StreamName, { ends }: Block): number {
    return Math.max(0, ends[stream].seen - this.#positions[stream].followed);
  }

  /** Gives on a whole block, its lines dealt to its runs. */
  #deal(block: Block): void {
    const texts = { stdout: this.#newText('stdout', block), stderr: this.#newText('stderr', block) };
    const { parts, taken } = dealLines(texts, block.runs);
    for (const stream of STREAMS) this.#positions[stream].followed += taken[stream];
    this.#record.shift();
    const dealt = (stream: StreamName): Buffer => texts[stream].text.subarray(0, taken[stream]);
    this.#push({ stdout: dealt('stdout'), stderr: dealt('stderr') }, parts);
  }

  #newText(stream: StreamName, block: Block): NewText {
    const text = this.#read(stream, this.#leftOf(stream, block));
    const { settled, sure } = block.ends[stream];
    const sureBytes = Math.min(text.length, Math.max(0, sure - this.#positions[stream].followed));
    const isHalf = sure > settled && sure % PAGE_BYTES === 0 && sureBytes > 0 && text[sureBytes - 1] !== NEWLINE;
    return { text, sureBytes: isHalf ? text.lastIndexOf(NEWLINE, sureBytes - 1) + 1 : sureBytes };
  }

  /** Gives on a part of a block that is too large to be dealt: the one stream, and then the other. */
  #readOn(stream: StreamName, block: Block): void {
    const left = this.#leftOf(stream, block);
    const data = this.#read(stream, Math.min(left, READ_BYTES));
    this.#positions[stream].followed += data.length;
    if (data.length > 0) this.#push({ [stream]: data }, [{ stream, bytes: data.length }]);
    // The file was shortened, which the next reading of its size finds.
    else this.#positions[stream].followed = block.ends[stream].seen;
  }

  #push(texts: Readonly<Partial<Record<StreamName, Buffer>>>, parts: readonly Part[]): void {
    for (const { bytes } of parts) this.#turnBytes += bytes;
    this.#turnPieces += parts.length;
    this.#order.push(texts, parts);
  }

  #read(stream: StreamName, bytes: number): Buffer {
    if (bytes === 0) return NOTHING;
    const position = this.#positions[stream];
    position.scratch ??= Buffer.allocUnsafeSlow(READ_BYTES);
    return this.#deps.stores[stream].readRaw(position.followed, position.scratch.subarray(0, bytes));
  }

  /** So much before the place it jumps to is masked as well, and left out: a secret is not recognised by its end. */
  #jumpWhenFarBehind(stream: StreamName): void {
    const position = this.#positions[stream];
    if (position.seen - position.followed <= MAX_BEHIND_BYTES) return;
    this.#fillHead(stream);
    this.#order.cut(stream);
    const bytes = position.seen - position.followed - KEEP_BYTES;
    position.unseen = Math.min(this.#deps.secretPatterns.longestBytes(), bytes);
    this.#deps.stores[stream].ends.skip(bytes - position.unseen);
    position.followed += bytes - position.unseen;
  }

  /** The beginning of a stream is kept, also of one that begins with a burst. */
  #fillHead(stream: StreamName): void {
    const data = this.#read(stream, Math.max(0, HEAD_BYTES - this.#positions[stream].followed));
    this.#positions[stream].followed += data.length;
    if (data.length > 0) this.#push({ [stream]: data }, [{ stream, bytes: data.length }]);
  }

  #give(stream: StreamName, masked: Buffer): void {
    const position = this.#positions[stream];
    const { ends } = this.#deps.stores[stream];
    const left = Math.min(position.unseen, masked.length);
    position.unseen -= left;
    if (left > 0) ends.skip(left);
    const data = masked.subarray(left);
    if (data.length === 0) return;
    const offset = ends.bytes();
    ends.push(data);
    this.#deps.onOutput(stream, offset, data);
  }
}

const NOTHING = Buffer.alloc(0);
