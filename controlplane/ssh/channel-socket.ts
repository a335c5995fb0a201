import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/**
 * A channel of an SSH connection as undici needs a socket. `destroy` of a channel only asks the container to close it: what the
 * container goes on to send would reach an HTTP parser whose request is over, whose assertion then ends the program, and a
 * container that never closes it would keep the place of a connection for ever. This socket is closed as soon as it is destroyed,
 * and raises the error that it was destroyed with.
 */
export class ChannelSocket extends Duplex {
  readonly #channel: ClientChannel;

  constructor(channel: ClientChannel) {
    super();
    this.#channel = channel;
    channel.on('data', (piece: Buffer) => {
      if (!this.push(piece)) channel.pause();
    });
    channel.once('end', () => this.push(null));
    // A channel drops what was written to it and not sent when the container closes it: nothing more is to come.
    channel.once('close', () => this.#endWhenRead());
    channel.on('error', (error: Error) => this.destroy(error));
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#channel.write(piece, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#channel.close();
    // Whatever still comes is dropped; a full channel would not notice its end.
    this.#channel.removeAllListeners('data').resume();
    done(error);
  }

  #endWhenRead(): void {
    if (this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }

  // undici calls these methods on every socket. A channel has no use for them.
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
