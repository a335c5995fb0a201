import type { BuildDeps } from './build-deps.ts';

type Stream = 'stdout' | 'stderr';

/** What goes to a stream: bytes of a step as they are, text of this tool as lines of its own. */
export type OutputPart = Uint8Array | string;

/** How much the tool has written to each of its streams. */
export interface OutputOffsets {
  readonly stdout: number;
  readonly stderr: number;
}

const LINE_END = 0x0a;

/** Both streams of the tool. A line of its own never continues a line that a step has left open. */
export class BuildOutput {
  readonly #write: Pick<BuildDeps, Stream>;
  readonly #isOpen: Record<Stream, boolean> = { stdout: false, stderr: false };
  readonly #bytes: Record<Stream, number> = { stdout: 0, stderr: 0 };

  constructor(write: Pick<BuildDeps, Stream>) {
    this.#write = write;
  }

  get offsets(): OutputOffsets {
    return { ...this.#bytes };
  }

  /** Writes parts in one piece. */
  async write(stream: Stream, parts: readonly OutputPart[]): Promise<void> {
    const other = stream === 'stdout' ? 'stderr' : 'stdout';
    // Where both streams are shown together, an open line of the other one would be continued too.
    if (this.#isOpen[other] && parts.some((part) => typeof part === 'string'))
      await this.#send(other, Buffer.from('\n'));
    const pieces: Uint8Array[] = [];
    let isOpen = this.#isOpen[stream];
    for (const part of parts) {
      if (typeof part === 'string' && isOpen) pieces.push(Buffer.from('\n'));
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      pieces.push(bytes);
      if (bytes.length > 0) isOpen = bytes.at(-1) !== LINE_END;
    }
    await this.#send(stream, pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
  }

  async #send(stream: Stream, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#isOpen[stream] = bytes.at(-1) !== LINE_END;
    this.#bytes[stream] += bytes.length;
    await this.#write[stream](bytes);
  }
}
