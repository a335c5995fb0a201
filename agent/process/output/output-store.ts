import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { freeRegion } from './free-region.ts';
import { maskAll, maskInto, type SecretPatterns } from '../secrets/masker.ts';
import { createStreamEnds, type StreamEndsKeeper } from './stream-ends.ts';

/** How much stays in the file, read or not, for whoever asks for it over the agent API. */
export const KEEP_BYTES = 64 * 1024 * 1024;
/**
 * Freed in multiples of this size: a program is started each time, which takes a few milliseconds. A multiple of every block
 * size. With 64 MiB a fast build took 300 to 390 MB of the disk (measured 2026-11).
 */
const FREE_BYTES = 16 * 1024 * 1024;

/**
 * One stream of a process: its bytes in a file, to which the process writes, its ends in memory, both counted. The file is
 * masked whenever it is read.
 */
export class OutputStore {
  readonly ends: StreamEndsKeeper = createStreamEnds();
  readonly path: string;
  readonly #secretPatterns: SecretPatterns;
  /** Undefined when there is no file, because the process could not be started, or when it is closed. */
  #fd: number | undefined;
  /** Offset of the file's first byte in the stream: not 0 when the build has emptied the file. */
  #streamStart = 0;
  /** What lies before in the file was read and given on, or left out. */
  #followedTo = 0;
  #writtenTo = 0;
  /** Bytes before this one are no longer read, because their space is given back. */
  #freedTo = 0;
  /** Bytes before this one are given back, and read as zeros. */
  #punchedTo = 0;
  #freeing: 'idle' | 'busy' | 'impossible' = 'idle';
  /** What stands for output of a process that was never started. */
  #said: Buffer | undefined;

  constructor(path: string, secretPatterns: SecretPatterns) {
    this.path = path;
    this.#secretPatterns = secretPatterns;
    this.#fd = openIfThere(path);
  }

  /** Returns how long the file is now. */
  size(): number {
    return this.#fd === undefined ? 0 : fstatSync(this.#fd).size;
  }

  /** Returns raw bytes of the file, as many as there are and fit. */
  readRaw(offset: number, memory: Buffer): Buffer {
    return this.#fd === undefined ? NOTHING : memory.subarray(0, readSync(this.#fd, memory, 0, memory.length, offset));
  }

  /** Called when the build has emptied the file and everything of the stream was given on that ever will be. */
  beginAgain(): void {
    this.#streamStart = this.ends.bytes();
    this.#followedTo = 0;
    this.#writtenTo = 0;
    this.#freedTo = 0;
    this.#punchedTo = 0;
  }

  /** What lies before `followedTo` in the file is no longer read in order to be given on: its space may be given back. */
  setEnds(followedTo: number, writtenTo: number): void {
    this.#followedTo = followedTo;
    this.#writtenTo = writtenTo;
    this.#freeSpace();
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** In place of the output of a process that was never started; returns it masked. */
  say(text: string): Buffer {
    return (this.#said = maskAll(Buffer.from(text), this.#secretPatterns));
  }

  /** Masked bytes from `offset` of what was given on so far; the answer's offset is later where a part is gone. */
  readAt(offset: number, maxBytes: number, memory?: ReadMemory): { offset: number; data: Buffer } {
    if (this.#said !== undefined || this.ends.bytes() === 0) {
      return { offset, data: this.#said?.subarray(offset, offset + maxBytes) ?? NOTHING };
    }
    const range = {
      path: this.path,
      secretPatterns: this.#secretPatterns,
      streamStart: this.#streamStart,
      firstKept: this.#streamStart + this.#freedTo,
      streamEnd: this.ends.bytes(),
    };
    return readMasked(range, { offset, maxBytes }, memory ?? new ReadMemory());
  }

  /** What the file takes on the disk, which is not the build's doing. */
  bytesOnDisk(): number {
    return this.#writtenTo - this.#punchedTo;
  }

  /**
   * A build that writes for hours must not fill its own disk with what has long been sent. The mark is set at once, so that
   * nobody reads zeros for output, and so that it is known at the end of a process what of its output can still be read.
   */
  #freeSpace(): void {
    if (this.#freeing === 'impossible') return;
    // What is kept can be read whole: a secret at its beginning is recognised by what lies before.
    const kept = KEEP_BYTES + this.#secretPatterns.longestBytes();
    const excess = Math.max(0, Math.min(this.#followedTo, this.#writtenTo - kept) - this.#freedTo);
    this.#freedTo += excess - (excess % FREE_BYTES);
    if (this.#freeing === 'idle' && this.#punchedTo < this.#freedTo) void this.#punch(this.#punchedTo, this.#freedTo);
  }

  /** All of it at once: a program is started for it, and a fast build writes many MB in the meantime. */
  async #punch(from: number, to: number): Promise<void> {
    this.#freeing = 'busy';
    const isFreed = await freeRegion(this.path, from, to - from);
    this.#freeing = isFreed ? 'idle' : 'impossible';
    // The build may have emptied the file meanwhile.
    if (isFreed && this.#freedTo >= to) this.#punchedTo = Math.max(this.#punchedTo, to);
    if (!isFreed) this.#freedTo = this.#punchedTo;
    this.#freeSpace();
  }
}

const NOTHING = Buffer.alloc(0);

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY);
  } catch {
    // Nobody could make the file, or it was removed. Who should have made it says why; a reader is told that it is
    // gone.
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
  const fd = openIfThere(file.path);
  // A build of the agent's own user can remove the file. What is gone is lost like what was given back.
  if (fd === undefined) return { offset: file.streamEnd, data: NOTHING };
  try {
    const length = readSync(fd, raw, 0, raw.length, first - file.streamStart);
    const masked = maskInto(store.subarray(0, length), raw.subarray(0, length), file.secretPatterns);
    return { offset: from, data: masked.subarray(from - first, Math.min(to - first, masked.length)) };
  } finally {
    closeSync(fd);
  }
}
