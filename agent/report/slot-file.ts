import { constants } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';

// A slot: 4 bytes magic, 4 length, 8 generation, 4 crc32 of generation and content, then the content.
const MAGIC = Buffer.from('WIPS');
const HEADER_BYTES = 20;
const SLOTS = 2;
const PIECE_BYTES = 256 * 1024;

export interface StoredContent {
  readonly generation: bigint;
  readonly content: Buffer;
}

/**
 * A file of two slots that are written in turn, so that one whole content is always there, whatever write a crash cut
 * off. Its blocks are taken at the start: writing in place works with the disk full and with the inodes used up, where
 * a temporary file and a rename fail.
 */
export class SlotFile {
  readonly capacityBytes: number;
  readonly #handle: FileHandle;
  readonly #slotBytes: number;
  readonly #blocksOnDisk: Promise<void>;

  /** `blocksOnDisk` is waited for by the first save; it may reject. */
  constructor(handle: FileHandle, slotBytes: number, blocksOnDisk: Promise<void>) {
    this.#handle = handle;
    this.#slotBytes = slotBytes;
    this.#blocksOnDisk = blocksOnDisk;
    this.capacityBytes = slotBytes - HEADER_BYTES;
    // A save tells it, if there ever is one.
    blocksOnDisk.catch(() => undefined);
  }

  /** The newest content that is whole. */
  async load(): Promise<StoredContent | undefined> {
    const stored: StoredContent[] = [];
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const content = await this.#readSlot(slot);
      if (content) stored.push(content);
    }
    return stored.sort((a, b) => Number(b.generation - a.generation))[0];
  }

  /** Resolves when the content is on the disk. Generations must grow. */
  async save({ generation, content }: StoredContent): Promise<void> {
    await this.#blocksOnDisk;
    const header = Buffer.alloc(HEADER_BYTES);
    MAGIC.copy(header);
    header.writeUInt32BE(content.length, 4);
    header.writeBigUInt64BE(generation, 8);
    header.writeUInt32BE(checksum(header, content), 16);
    const at = Number(generation % BigInt(SLOTS)) * this.#slotBytes;
    await writeAll(this.#handle, Buffer.concat([header, content]), at);
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#blocksOnDisk]);
    await this.#handle.close();
  }

  async #readSlot(slot: number): Promise<StoredContent | undefined> {
    const header = Buffer.alloc(HEADER_BYTES);
    const at = slot * this.#slotBytes;
    await this.#handle.read(header, 0, HEADER_BYTES, at);
    const length = header.readUInt32BE(4);
    if (!header.subarray(0, 4).equals(MAGIC) || length > this.capacityBytes) return undefined;
    const content = Buffer.alloc(length);
    await this.#handle.read(content, 0, length, at + HEADER_BYTES);
    if (header.readUInt32BE(16) !== checksum(header, content)) return undefined;
    return { generation: header.readBigUInt64BE(8), content };
  }
}

function checksum(header: Buffer, content: Buffer): number {
  return crc32(content, crc32(header.subarray(8, 16)));
}

/** A write may be a short one, at the very end of a disk for example. The next write then says why. */
async function writeAll(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

/**
 * Opens or makes the file and takes its blocks. Rejects when that fails, and when somebody else has put something there:
 * in a directory that everybody writes to, the build could otherwise choose where our bytes go.
 */
export async function openSlotFile(file: string, slotBytes: number): Promise<SlotFile> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    await checkOwn(handle, file);
    const isNew = await preallocate(handle, slotBytes * SLOTS);
    // The filesystem has set the blocks aside. Bringing them to the disk takes 10 to 60 ms (measured 2026-11), during
    // which the agent goes on starting.
    return new SlotFile(handle, slotBytes, isNew ? handle.sync() : Promise.resolve());
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function checkOwn(handle: FileHandle, file: string): Promise<void> {
  const stat = await handle.stat();
  const isOwn = stat.isFile() && stat.nlink === 1 && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
  if (!isOwn) throw new Error(`${file} is not a private file of this user`);
}

/** Writes real bytes, not a hole, where there are none. What an earlier process left is kept. Returns whether it wrote. */
async function preallocate(handle: FileHandle, bytes: number): Promise<boolean> {
  const stat = await handle.stat();
  const BLOCK_BYTES = 512; // st_blocks counts these, whatever the filesystem's own block size (stat(2))
  if (stat.size >= bytes && stat.blocks * BLOCK_BYTES >= bytes) return false;
  const done = stat.size === 0 ? await writeZeros(handle, bytes) : 0;
  // In small pieces: 8 MiB at once would stay in the agent's resident memory until a garbage collection.
  for (let at = done; at < bytes; at += PIECE_BYTES) {
    const piece = Buffer.alloc(Math.min(PIECE_BYTES, bytes - at));
    await handle.read(piece, 0, piece.length, at);
    await writeAll(handle, piece, at);
  }
  return true;
}

/**
 * Writes one piece again and again, in one call: 5 ms of the processor instead of 20 (measured 2026-11). Returns how
 * many bytes were written, which is fewer on a full disk.
 */
async function writeZeros(handle: FileHandle, bytes: number): Promise<number> {
  const piece = Buffer.alloc(Math.min(PIECE_BYTES, bytes));
  const { bytesWritten } = await handle.writev(Array<Buffer>(Math.floor(bytes / piece.length)).fill(piece), 0);
  return bytesWritten;
}
