import { existsSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../shared/model/error.ts';
import type { Log } from '../../shared/support/log.ts';
import { sha256Hex } from '../../shared/support/signing.ts';
import { openSlotFile, type SlotFile } from './slot-file.ts';

type SpoolLocation = 'file' | 'shared-memory' | 'memory';

/** Keeps one piece of content so that it survives a full disk and, where it can, the end of the process. */
export interface Spool {
  /** Location of the last content. */
  readonly location: SpoolLocation;
  /** Bigger content is kept in memory only. */
  readonly capacityBytes: number;
  /** Returns the content that an earlier process left, or undefined; given once. */
  load(): Promise<Buffer | undefined>;
  /** Resolves when the content is as safe as it can be made; saves happen in the order of the calls. Never rejects. */
  save(content: Buffer): Promise<SpoolLocation>;
  close(): Promise<void>;
}

export interface SpoolOptions {
  /** The preallocated file; its directory is made when it is not there. */
  readonly file: string;
  /** Used when the file cannot be written: a filesystem in memory. */
  readonly sharedMemoryDirectory?: string;
  readonly slotBytes?: number;
  readonly log: Log;
}

// An output signal at its longest (two streams of 1.1 MiB each in base64, 3 MiB) and the signals around it.
const SLOT_BYTES = 4 * 1024 * 1024;

/** Takes the space at once, so that the last words can be written when there is none left. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const spool = new FallbackSpool(options);
  await spool.open();
  return spool;
}

class FallbackSpool implements Spool {
  location: SpoolLocation = 'memory';
  readonly capacityBytes: number;
  readonly #slotBytes: number;
  readonly #log: Log;
  /** Best first; opened from the front until one works. */
  readonly #candidates: { readonly location: SpoolLocation; readonly file: string }[];
  #target: { readonly location: SpoolLocation; readonly file: SlotFile } | undefined;
  #generation = 0n;
  #left: Buffer | undefined;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(options: SpoolOptions) {
    this.#slotBytes = options.slotBytes ?? SLOT_BYTES;
    this.capacityBytes = this.#slotBytes - 64; // a slot's header, rounded up
    this.#log = options.log;
    const name = `wip-agent-${sha256Hex(options.file).slice(0, 16)}.spool`;
    const sharedMemoryFile = path.join(options.sharedMemoryDirectory ?? '/dev/shm', name);
    this.#candidates = [
      { location: 'file', file: options.file },
      { location: 'shared-memory', file: sharedMemoryFile },
    ];
  }

  /** Loads the newest content of all locations: an earlier process may have changed from one to another. */
  async open(): Promise<void> {
    const [, fallback] = this.#candidates;
    if (fallback && existsSync(fallback.file)) await this.#takeWhatIsLeft(fallback.file);
    await this.#openNext();
  }

  load(): Promise<Buffer | undefined> {
    const left = this.#left;
    this.#left = undefined; // up to 4 MiB that nobody needs twice
    return Promise.resolve(left);
  }

  save(content: Buffer): Promise<SpoolLocation> {
    const saved = this.#saving.then(() => this.#saveNow(content));
    this.#saving = saved;
    return saved;
  }

  async close(): Promise<void> {
    await this.#saving;
    await this.#target?.file.close();
    this.#target = undefined;
  }

  async #saveNow(content: Buffer): Promise<SpoolLocation> {
    this.#generation += 1n;
    if (content.length > this.capacityBytes) {
      this.#log.warn({ bytes: content.length }, 'too much for the spool, kept in memory');
      return (this.location = 'memory');
    }
    while (this.#target) {
      try {
        await this.#target.file.save({ generation: this.#generation, content });
        return (this.location = this.#target.location);
      } catch (error) {
        this.#log.warn(
          { location: this.#target.location, why: messageOf(error) },
          'spool not writable, taking the next location',
        );
        await this.#target.file.close().catch(() => undefined); // it failed already, and nothing is left to save there
        await this.#openNext();
      }
    }
    return (this.location = 'memory');
  }

  async #openNext(): Promise<void> {
    this.#target = undefined;
    for (let next = this.#candidates.shift(); next; next = this.#candidates.shift()) {
      try {
        const file = await openSlotFile(next.file, this.#slotBytes);
        await this.#takeNewest(file);
        this.#target = { location: next.location, file };
        this.location = next.location;
        return;
      } catch (error) {
        this.#log.warn({ location: next.location, why: messageOf(error) }, 'no spool in this location');
      }
    }
  }

  async #takeWhatIsLeft(name: string): Promise<void> {
    try {
      const file = await openSlotFile(name, this.#slotBytes);
      await this.#takeNewest(file);
      await file.close();
    } catch (error) {
      this.#log.warn({ why: messageOf(error) }, 'the spool in shared memory is not ours, leaving it alone');
    }
  }

  async #takeNewest(file: SlotFile): Promise<void> {
    const stored = await file.load();
    if (!stored || stored.generation <= this.#generation) return;
    this.#generation = stored.generation;
    this.#left = stored.content;
  }
}
