import { closeSync, constants, fchownSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { createMasker, maskAll, type Needles } from './masker.ts';
import { createStreamEnds, type StreamEndsKeeper } from './stream-ends.ts';
import type { Account } from './users.ts';

/** One read; big enough for 1 GB/s out of the page cache, small enough to share the event loop. */
const READ_BYTES = 256 * 1024;
/** Reads in a row before others get a turn: about 5 ms with masking (measured 2026-11). */
const READS_PER_TURN = 16;
/** A reader that is further behind than this will not catch up: it jumps, and counts what it left out. */
const MAX_BEHIND_BYTES = 64 * 1024 * 1024;
/** Where it jumps to: what will be kept as the tail, twice over. */
const JUMP_TO_LAST_BYTES = 2 * 1024 * 1024;

export interface OutputReader {
  /** Reads what is new, for one turn. Answers whether there is more at once. */
  readTurn(): 'more' | 'grew' | 'quiet';
  /** Reads the rest, bounded like every turn by the jump, and closes the file. */
  finish(): void;
  readonly ends: StreamEndsKeeper;
  /** Masked bytes from `offset` of what was read so far; the answer's offset is later where a part is gone. */
  readAt(offset: number, maxBytes: number): { offset: number; data: Buffer };
  /** Whether the build itself shortened the file. */
  wasTruncated(): boolean;
}

/**
 * A file and not a pipe: a pipe loses what a child that exits at once has not flushed. It belongs to the build's user,
 * for `> /dev/stdout` opens it once more by name; O_APPEND keeps stdout and stderr whole when both lead here.
 */
export function createOutputFile(path: string, account: Account, isRoot: boolean): number {
  const fd = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_APPEND, 0o600);
  if (isRoot) fchownSync(fd, account.uid, account.gid);
  return fd;
}

/** Follows the file; `onOutput` gets masked bytes with their offset in the stream. */
export function createOutputReader(
  path: string,
  needles: Needles,
  onOutput: (offset: number, data: Buffer) => void,
): OutputReader {
  const fd = openSync(path, constants.O_RDONLY);
  const scratch = Buffer.allocUnsafe(READ_BYTES);
  const masker = createMasker(needles);
  const ends = createStreamEnds();
  // Where reading goes on in the file, and which offset of the stream the file's first byte has: they part only
  // when the build truncates the file.
  let fileOffset = 0;
  let streamStart = 0;
  let truncated = false;

  const emit = (data: Buffer): void => {
    if (data.length === 0) return;
    const offset = ends.bytes();
    ends.push(data);
    onOutput(offset, data);
  };
  const behind = (): number => {
    const size = fstatSync(fd).size;
    if (size < fileOffset) {
      emit(masker.end());
      streamStart = ends.bytes();
      fileOffset = 0;
      truncated = true;
    }
    return size - fileOffset;
  };
  const jump = (bytes: number): void => {
    emit(masker.end());
    ends.skip(bytes);
    fileOffset += bytes;
  };
  const readTurn = (): 'more' | 'grew' | 'quiet' => {
    const waiting = behind();
    if (waiting <= 0) return 'quiet';
    if (waiting > MAX_BEHIND_BYTES) jump(waiting - JUMP_TO_LAST_BYTES);
    for (let turn = 0; turn < READS_PER_TURN; turn += 1) {
      const length = readSync(fd, scratch, 0, READ_BYTES, fileOffset);
      fileOffset += length;
      emit(masker.push(scratch.subarray(0, length)));
      if (length < READ_BYTES) return 'grew';
    }
    return 'more';
  };
  return {
    readTurn,
    finish() {
      // A grandchild may go on writing for ever, so the end is where the file ends now.
      for (let turns = 0; turns * READ_BYTES * READS_PER_TURN <= MAX_BEHIND_BYTES; turns += 1) {
        if (readTurn() !== 'more') break;
      }
      emit(masker.end());
      closeSync(fd);
    },
    ends,
    readAt: (offset, maxBytes) => readMasked({ path, needles, streamStart, streamEnd: ends.bytes() }, offset, maxBytes),
    wasTruncated: () => truncated,
  };
}

interface Readable {
  readonly path: string;
  readonly needles: Needles;
  readonly streamStart: number;
  readonly streamEnd: number;
}

/** Reads a little before and after, so that a secret that crosses an edge of the range is found. */
function readMasked(file: Readable, offset: number, maxBytes: number): { offset: number; data: Buffer } {
  const from = Math.min(Math.max(offset, file.streamStart), file.streamEnd);
  const to = Math.min(from + maxBytes, file.streamEnd);
  if (to <= from) return { offset: from, data: Buffer.alloc(0) };
  const margin = Math.max(0, file.needles.longestBytes() - 1);
  const first = Math.max(file.streamStart, from - margin);
  const raw = Buffer.alloc(to + margin - first);
  const fd = openSync(file.path, constants.O_RDONLY);
  try {
    const length = readSync(fd, raw, 0, raw.length, first - file.streamStart);
    const masked = maskAll(raw.subarray(0, length), file.needles);
    return { offset: from, data: masked.subarray(from - first, Math.min(to - first, masked.length)) };
  } finally {
    closeSync(fd);
  }
}

/** Bytes the file takes on disk, for subtracting the agent's own from the build's. */
export function bytesOnDisk(path: string): number {
  // st_blocks counts 512-byte units on every filesystem (stat(2)).
  return statSync(path).blocks * 512;
}
