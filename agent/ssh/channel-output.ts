import type { Readable } from 'node:stream';
import type { ServerChannel } from 'ssh2';

/** Fields in which ssh2 keeps a write that waits for the peer's window. */
interface BlockedWrites {
  _chunk?: unknown;
  _chunkcb?: unknown;
  _chunkErr?: unknown;
  _chunkcbErr?: unknown;
}

/**
 * Writes the two streams of a command to its channel, one write at a time. ssh2 1.17 forgets to forget a write that
 * had to wait for the window: when stdout waited before and stderr waits now, it sends the old bytes of stdout again,
 * and when both wait it wakes only one (Channel.js, CHANNEL_WINDOW_ADJUST). So the writes take turns, and the fields
 * are cleared after each.
 */
export class ChannelOutput {
  readonly #channel: ServerChannel;
  readonly #closed: Promise<void>;
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;
  #pending = 0;
  #done = 0;

  constructor(channel: ServerChannel) {
    this.#channel = channel;
    this.#closed = new Promise((resolve) => {
      channel.once('close', () => {
        this.#isClosed = true;
        resolve();
      });
    });
  }

  /** Changes with every write; the same twice, and nothing pending, means that the sources were silent in between. */
  get progress(): { readonly pending: number; readonly done: number } {
    return { pending: this.#pending, done: this.#done };
  }

  /** Resolves at the end of the source, or when the channel is closed; then the rest is read and thrown away. */
  async pump(source: Readable, stream: 'stdout' | 'stderr'): Promise<void> {
    try {
      for await (const bytes of source) await this.#write(bytes as Buffer, stream);
    } catch {
      // A pipe that breaks is the end of its bytes; how the command ended is told by its exit.
    }
  }

  #write(bytes: Buffer, stream: 'stdout' | 'stderr'): Promise<void> {
    this.#pending += 1;
    this.#turn = this.#turn.then(async () => {
      if (this.#isClosed) return;
      const target = stream === 'stdout' ? this.#channel : this.#channel.stderr;
      // A write to a channel that closes meanwhile never calls back.
      await Promise.race([new Promise<void>((resolve) => target.write(bytes, () => resolve())), this.#closed]);
      const blocked = this.#channel as BlockedWrites;
      blocked._chunk = blocked._chunkcb = blocked._chunkErr = blocked._chunkcbErr = undefined;
      this.#pending -= 1;
      this.#done += 1;
    });
    return this.#turn;
  }
}
