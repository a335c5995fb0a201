import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { messageOf } from '../../shared/model/error.ts';
import type { Log } from '../../shared/system/log.ts';
import { sharedSpoolFile } from '../../shared/system/agent-files.ts';
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
  /** Called when the last content says nothing that anybody waits for. Gives back what is taken of the machine's memory. */
  release(): Promise<void>;
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
  readonly #sharedMemoryFile: string;
  /** Best first; opened from the front until one works. */
  readonly #candidates: { readonly location: SpoolLocation; readonly file: string }[];
  #target: { readonly location: SpoolLocation; readonly file: SlotFile } | undefined;
  #generation = 0n;
  #left: Buffer | undefined;
  /** The file in shared memory passed for one of ours. */
  #hasOpenedMemory = false;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(options: SpoolOptions) {
    this.#slotBytes = options.slotBytes ?? SLOT_BYTES;
    this.capacityBytes = this.#slotBytes - 64; // a slot's header, rounded up
    this.#log = options.log;
    this.#sharedMemoryFile = sharedSpoolFile(options.file, options.sharedMemoryDirectory);
    this.#candidates = [
      { location: 'file', file: options.file },
      { location: 'shared-memory', file: this.#sharedMemoryFile },
    ];
  }

  /** Loads the newest content of all locations: an earlier process may have changed from one to another. */
  async open(): Promise<void> {
    const isInMemory = existsSync(this.#sharedMemoryFile) && (await this.#takeWhatIsLeft(this.#sharedMemoryFile));
    await this.#openNext();
    // The agent that needed the memory was killed. Its content is moved, so that the memory is free again.
    if (!isInMemory || this.#target?.location !== 'file') return;
    if (this.#left === undefined || (await this.save(this.#left)) === 'file') await this.release();
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

  async release(): Promise<void> {
    await this.#saving;
    if (!this.#hasOpenedMemory) return;
    await rm(this.#sharedMemoryFile, { force: true }).catch((error: unknown) => {
      this.#log.warn({ why: messageOf(error) }, 'the spool in shared memory could not be removed');
    });
  }

  async close(): Promise<void> {
    await this.#saving;
    // Nothing was written: the agent was not enrolled, for example.
    if (this.#generation === 0n) await this.release();
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
        await this.#target.file.close().catch(() => undefined); // this location failed before, and has nothing to save
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
        this.#hasOpenedMemory ||= next.location === 'shared-memory';
        return;
      } catch (error) {
        this.#log.warn({ location: next.location, why: messageOf(error) }, 'no spool in this location');
      }
    }
  }

  /** Returns whether the file is one of this agent's own. */
  async #takeWhatIsLeft(name: string): Promise<boolean> {
    try {
      const file = await openSlotFile(name, this.#slotBytes);
      await this.#takeNewest(file);
      await file.close();
      return (this.#hasOpenedMemory = true);
    } catch (error) {
      this.#log.warn({ why: messageOf(error) }, 'the spool in shared memory is not ours, leaving it alone');
      return false;
    }
  }

  async #takeNewest(file: SlotFile): Promise<void> {
    const stored = await file.load();
    if (!stored || stored.generation <= this.#generation) return;
    this.#generation = stored.generation;
    this.#left = stored.content;
  }
}
