import { lossMark } from '../../../shared/model/output-loss.ts';
import type { Sink } from '../cli-context.ts';
import { streamKey, type WrittenPiece } from './written-piece.ts';
import { PlainText } from './plain-text.ts';

export interface OutputForm {
  /** `as-written`: the bytes. `plain`: text without colours and control characters. */
  readonly text: 'as-written' | 'plain';
  /** `each-line`: a line begins with the time at which its first byte arrived. */
  readonly times: 'none' | 'each-line';
}

export const AS_WRITTEN: OutputForm = { text: 'as-written', times: 'none' };

// Longest line that is held back. With times, a line is held back until it is complete; a longer one is printed in parts.
const MAX_LINE_BYTES = 1024 * 1024;
const LINE_FEED = 0x0a;

interface OpenLine {
  readonly at: string;
  bytes: Buffer;
}

/** Writes the pieces of a task's output, with a mark in each place where bytes are missing. */
export class OutputWriter {
  readonly #out: Pick<Sink, 'write'>;
  readonly #form: OutputForm;
  readonly #plain = new Map<string, PlainText>();
  readonly #lines = new Map<string, OpenLine>();
  #attempt: number | undefined;
  /** When the last piece came. */
  #at = '';
  #isLineOpen = false;

  constructor(out: Pick<Sink, 'write'>, form: OutputForm) {
    this.#out = out;
    this.#form = form;
  }

  /** The last line that was written has no line break yet. */
  get isLineOpen(): boolean {
    return this.#isLineOpen;
  }

  write(piece: WrittenPiece): void {
    const { attempt, omittedBefore, stream } = piece;
    if (this.#attempt !== undefined && attempt !== this.#attempt) {
      this.end();
      this.writeLine(`[wip: here begins attempt ${attempt}]`);
    }
    this.#attempt = attempt;
    this.#at = piece.at;
    if (omittedBefore > 0) {
      this.#endStream(streamKey(piece));
      this.writeLine(lossMark(omittedBefore, stream).trim());
    }
    this.#writeText(piece, this.#textOf(piece));
  }

  /** Writes a line that is not of the output. */
  writeLine(text: string): void {
    this.#out.write(`${this.#isLineOpen ? '\n' : ''}${text}\n`);
    this.#isLineOpen = false;
  }

  /** Writes the bytes that were held back because their line or escape sequence was not complete. */
  end(): void {
    for (const key of new Set([...this.#plain.keys(), ...this.#lines.keys()])) this.#endStream(key);
  }

  #textOf(piece: WrittenPiece): Buffer {
    if (this.#form.text === 'as-written') return piece.data;
    const key = streamKey(piece);
    const plain = this.#plain.get(key) ?? new PlainText();
    this.#plain.set(key, plain);
    return Buffer.from(plain.push(piece.data));
  }

  #writeText(piece: WrittenPiece, bytes: Buffer): void {
    if (this.#form.times === 'none') this.#writeBytes(bytes);
    else this.#assemble(streamKey(piece), piece.at, bytes);
  }

  #writeBytes(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#out.write(bytes);
    this.#isLineOpen = bytes.at(-1) !== LINE_FEED;
  }

  /** Both streams have lines of their own: a line of one never begins within a line of the other. */
  #assemble(key: string, at: string, bytes: Buffer): void {
    let rest = bytes;
    for (let end = rest.indexOf(LINE_FEED); end !== -1; end = rest.indexOf(LINE_FEED)) {
      const line = this.#lines.get(key);
      this.#lines.delete(key);
      this.#writeBytes(Buffer.concat([stamp(line?.at ?? at), line?.bytes ?? NOTHING, rest.subarray(0, end + 1)]));
      rest = rest.subarray(end + 1);
    }
    if (rest.length === 0) return;
    const line = this.#lines.get(key) ?? { at, bytes: NOTHING };
    line.bytes = Buffer.concat([line.bytes, rest]);
    this.#lines.set(key, line);
    if (line.bytes.length > MAX_LINE_BYTES) this.#endLine(key);
  }

  #endLine(key: string): void {
    const line = this.#lines.get(key);
    this.#lines.delete(key);
    if (line) this.#writeBytes(Buffer.concat([stamp(line.at), line.bytes, Buffer.of(LINE_FEED)]));
  }

  #endStream(key: string): void {
    const rest = Buffer.from(this.#plain.get(key)?.end() ?? '');
    this.#plain.delete(key);
    if (this.#form.times === 'none') return this.#writeBytes(rest);
    this.#assemble(key, this.#at, rest);
    this.#endLine(key);
  }
}

const NOTHING = Buffer.alloc(0);

function stamp(at: string): Buffer {
  return Buffer.from(`${at}  `);
}
