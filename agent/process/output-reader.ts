import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { freeRegion } from './free-region.ts';
import { createMasker, maskAll, maskInto, type Masker, type SecretPatterns } from './masker.ts';
import { createStreamEnds, type StreamEndsKeeper } from './stream-ends.ts';

/** One read; big enough for 1 GB/s out of the page cache, small enough to share the event loop. */
const READ_BYTES = 256 * 1024;
/**
 * Reads in a row before others get a turn: about 5 ms with masking. What is sent goes on between the turns: of a build
 * that writes 200 MB/s on two cores 23 MB/s were sent with 16 reads, 35 with 8, and 45 with 4, with which the build wrote
 * a twentieth less (measured 2026-11).
 */
const READS_PER_TURN = 8;
/** A reader that is further behind than this will not catch up: it jumps, and counts what it left out. */
const MAX_BEHIND_BYTES = 64 * 1024 * 1024;
/** Where it jumps to: what will be kept as the tail, twice over. */
const JUMP_TO_LAST_BYTES = 2 * 1024 * 1024;

/** How much of what was read stays in the file, for whoever asks for it over the agent API. */
const KEEP_READ_BYTES = 64 * 1024 * 1024;
/** Freed in multiples of this size: a program is started each time. A multiple of every block size. */
const FREE_BYTES = 64 * 1024 * 1024;

/**
 * Follows one output file: masked, counted, its ends kept; `onOutput` gets masked bytes with their offset, in memory
 * that the next piece overwrites.
 */
export class OutputReader {
  readonly ends: StreamEndsKeeper = createStreamEnds();
  readonly #path: string;
  /** Undefined when there is no file, because the process could not be started. */
  readonly #fd: number | undefined;
  readonly #secretPatterns: SecretPatterns;
  readonly #masker: Masker;
  readonly #onOutput: (offset: number, data: Buffer) => void;
  /** From the first byte to the last: a container may have run a thousand processes. */
  #scratch: Buffer | undefined;
  // Where reading goes on in the file, and which offset of the stream the file's first byte has: they part only
  // when the build truncates the file.
  #fileOffset = 0;
  #streamStart = 0;
  /** Up to here the file's space was given back, and its bytes read as zeros. */
  #freedTo = 0;
  /** Bytes that are still read only for what follows them. */
  #unseen = 0;
  #freeing: 'idle' | 'busy' | 'impossible' = 'idle';
  /** Whether the build itself shortened the file. */
  wasTruncated = false;

  /** What stands for output of a process that was never started. */
  #said: Buffer | undefined;

  constructor(path: string, secretPatterns: SecretPatterns, onOutput: (offset: number, data: Buffer) => void) {
    this.#path = path;
    this.#secretPatterns = secretPatterns;
    this.#masker = createMasker(secretPatterns);
    this.#onOutput = onOutput;
    this.#fd = openIfThere(path);
  }

  /** Reads what is new, for one turn. Answers whether there is more at once. */
  readTurn(): 'more' | 'grew' | 'quiet' {
    if (this.#fd === undefined) return 'quiet';
    const waiting = this.#bytesBehind(this.#fd);
    // Also while nothing comes: a reader that has jumped leaves more behind than one turn frees.
    this.#freeWhatWasRead();
    if (waiting <= 0) return 'quiet';
    if (waiting > MAX_BEHIND_BYTES) this.#jump(waiting - JUMP_TO_LAST_BYTES);
    const scratch = (this.#scratch ??= Buffer.allocUnsafeSlow(READ_BYTES));
    for (let turn = 0; turn < READS_PER_TURN; turn += 1) {
      const length = readSync(this.#fd, scratch, 0, READ_BYTES, this.#fileOffset);
      this.#fileOffset += length;
      this.#emit(this.#masker.push(scratch.subarray(0, length)));
      if (length < READ_BYTES) return 'grew';
    }
    return 'more';
  }

  /** Reads the rest, bounded like every turn by the jump, and closes the file. */
  finish(): void {
    // A grandchild may go on writing for ever, so the end is where the file ends now.
    for (let turns = 0; turns * READ_BYTES * READS_PER_TURN <= MAX_BEHIND_BYTES; turns += 1) {
      if (this.readTurn() !== 'more') break;
    }
    this.#emit(this.#masker.end());
    this.#scratch = undefined;
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  /** In place of the output of a process that was never started. */
  say(text: string): void {
    this.#said = maskAll(Buffer.from(text), this.#secretPatterns);
    this.#emit(this.#said);
  }

  /** Masked bytes from `offset` of what was read so far; the answer's offset is later where a part is gone. */
  readAt(offset: number, maxBytes: number, memory?: ReadMemory): { offset: number; data: Buffer } {
    if (this.#said !== undefined || this.#fd === undefined) {
      return { offset, data: this.#said?.subarray(offset, offset + maxBytes) ?? Buffer.alloc(0) };
    }
    const range = {
      path: this.#path,
      secretPatterns: this.#secretPatterns,
      streamStart: this.#streamStart,
      firstKept: this.#streamStart + this.#freedTo,
      streamEnd: this.ends.bytes(),
    };
    return readMasked(range, { offset, maxBytes }, memory ?? new ReadMemory());
  }

  /** What the file takes on the disk, which is not the build's doing. */
  bytesOnDisk(): number {
    return this.#fileOffset - this.#freedTo;
  }

  /** A build that writes for hours must not fill its own disk with what has long been sent. */
  #freeWhatWasRead(): void {
    // All that can go at once: a program is started for it, and a fast build writes 64 MB in the meantime.
    const excess = Math.max(0, this.#fileOffset - this.#freedTo - KEEP_READ_BYTES);
    const length = excess - (excess % FREE_BYTES);
    if (this.#freeing !== 'idle' || length === 0) return;
    const offset = this.#freedTo;
    // First the mark and then the space: nobody may read zeros for output.
    this.#freedTo = offset + length;
    this.#freeing = 'busy';
    void freeRegion(this.#path, offset, length).then((isFreed) => {
      this.#freeing = isFreed ? 'idle' : 'impossible';
      if (!isFreed && this.#freedTo === offset + length) this.#freedTo = offset;
    });
  }

  #emit(read: Buffer): void {
    const left = Math.min(this.#unseen, read.length);
    this.#unseen -= left;
    if (left > 0) this.ends.skip(left);
    const data = read.subarray(left);
    if (data.length === 0) return;
    const offset = this.ends.bytes();
    this.ends.push(data);
    this.#onOutput(offset, data);
  }

  #bytesBehind(fd: number): number {
    const { size } = fstatSync(fd);
    if (size < this.#fileOffset) {
      this.#emit(this.#masker.cut());
      this.#streamStart = this.ends.bytes();
      this.#fileOffset = 0;
      this.#freedTo = 0;
      this.wasTruncated = true;
    }
    return size - this.#fileOffset;
  }

  /** So much before the place it jumps to is read as well, and left out: a secret is not recognised by its end. */
  #jump(bytes: number): void {
    this.#emit(this.#masker.cut());
    this.#unseen = Math.min(this.#secretPatterns.longestBytes(), bytes);
    this.ends.skip(bytes - this.#unseen);
    this.#fileOffset += bytes - this.#unseen;
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY);
  } catch {
    // Whoever should have made it says why it could not.
    return undefined;
  }
}

interface Readable {
  readonly path: string;
  readonly secretPatterns: SecretPatterns;
  readonly streamStart: number;
  /** What lies before was given back. */
  readonly firstKept: number;
  readonly streamEnd: number;
}

/**
 * Memory for one read after the other: what a read returned is there until the next one. With fresh memory for each piece
 * of a burst the agent grew by 35 MB, and with this by 17 to 21 MB (300 MB in one line, measured 2026-11).
 */
export class ReadMemory {
  #raw = Buffer.alloc(0);
  #masked = Buffer.alloc(0);

  take(bytes: number): { raw: Buffer; masked: Buffer } {
    if (bytes > this.#raw.length) {
      this.#raw = Buffer.allocUnsafeSlow(bytes);
      this.#masked = Buffer.allocUnsafeSlow(bytes);
    }
    return { raw: this.#raw.subarray(0, bytes), masked: this.#masked.subarray(0, bytes) };
  }
}

/** Reads a little before and after, so that a secret that crosses an edge of the range is found. */
function readMasked(
  file: Readable,
  { offset, maxBytes }: { readonly offset: number; readonly maxBytes: number },
  memory: ReadMemory,
): { offset: number; data: Buffer } {
  const margin = Math.max(0, file.secretPatterns.longestBytes() - 1);
  // The end of a secret whose beginning was given back would not be recognised, so the margin stays unseen.
  const firstSafe = file.firstKept > file.streamStart ? file.firstKept + margin : file.streamStart;
  const from = Math.min(Math.max(offset, firstSafe), file.streamEnd);
  const to = Math.min(from + maxBytes, file.streamEnd);
  if (to <= from) return { offset: from, data: Buffer.alloc(0) };
  const first = Math.max(file.firstKept, from - margin);
  const { raw, masked: store } = memory.take(to + margin - first);
  const fd = openSync(file.path, constants.O_RDONLY);
  try {
    const length = readSync(fd, raw, 0, raw.length, first - file.streamStart);
    const masked = maskInto(store.subarray(0, length), raw.subarray(0, length), file.secretPatterns);
    return { offset: from, data: masked.subarray(from - first, Math.min(to - first, masked.length)) };
  } finally {
    closeSync(fd);
  }
}
