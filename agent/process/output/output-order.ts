import type { StreamName } from '../../../shared/protocol/signals.ts';
import type { Part } from './deal-lines.ts';
import type { Masker } from '../secrets/masker.ts';

/** A part of a stream as it was read; `end` is the offset behind it. */
interface Segment {
  readonly stream: StreamName;
  end: number;
}

interface StreamState {
  /** Offset behind the raw bytes that came. */
  read: number;
  /** Offset behind the masked bytes that were given on. */
  given: number;
  /** Masked bytes that wait for the other stream. */
  waiting: Buffer;
}

/** The masked pieces of both streams of a process, in the order in which they were read. */
export interface OutputOrder {
  /** Takes new text of both streams, and in what parts it was written. The text is not kept. */
  push(texts: Readonly<Partial<Record<StreamName, Buffer>>>, parts: readonly Part[]): void;
  /** Whether something waits for the rest of what may be a secret. */
  readonly isWaiting: boolean;
  /** Gives on what waits behind what may be a secret, which then comes later than it was written. */
  stopWaiting(): void;
  /** What comes next of this stream does not follow what came before. Gives on everything of the stream, in its place. */
  cut(stream: StreamName): void;
  /** Everything, when nothing more comes. */
  end(): void;
}

// No stream is held back for more than this while the other one may have the beginning of a secret. Chosen: some
// screens of text.
const MAX_WAITING_BYTES = 256 * 1024;
const NOTHING = Buffer.alloc(0);
const STREAMS = ['stdout', 'stderr'] as const;

/**
 * A masker holds back what may be the beginning of a secret, and often that is the end of a line. The other stream then waits
 * for it, so that it does not come between the parts of the line. `give` gets memory that the next piece overwrites.
 */
export function createOutputOrder(
  maskers: Readonly<Record<StreamName, Masker>>,
  give: (stream: StreamName, masked: Buffer) => void,
): OutputOrder {
  const states: Record<StreamName, StreamState> = {
    stdout: { read: 0, given: 0, waiting: NOTHING },
    stderr: { read: 0, given: 0, waiting: NOTHING },
  };
  let segments: Segment[] = [];
  /** Segments before this one are given on; they are cut off together, because moving the rest each time is slow. */
  let done = 0;

  function append(stream: StreamName, bytes: number): void {
    const state = states[stream];
    state.read += bytes;
    const last = segments.at(-1);
    if (last?.stream === stream && done < segments.length) last.end = state.read;
    else segments.push({ stream, end: state.read });
  }

  function forgetSegments(): void {
    segments = [];
    done = 0;
  }

  /** Gives on `masked` as far as it is its turn; it follows what waits of its stream. The rest waits. */
  function giveInTurn(stream: StreamName, masked: Buffer): void {
    const state = states[stream];
    let fresh = state.waiting.length === 0 ? masked : Buffer.concat([state.waiting, masked]);
    state.waiting = NOTHING;
    for (let first = segments[done]; first; first = segments[done]) {
      const source = states[first.stream];
      const ready = first.stream === stream ? fresh : source.waiting;
      const part = ready.subarray(0, first.end - source.given);
      const rest = ready.subarray(part.length);
      if (part.length > 0) give(first.stream, part);
      source.given += part.length;
      if (first.stream === stream) fresh = rest;
      else source.waiting = rest;
      if (source.given < first.end) break;
      done += 1;
    }
    if (done === segments.length) forgetSegments();
    if (fresh.length > 0) state.waiting = Buffer.from(fresh);
  }

  function stopWaiting(): void {
    for (const { stream, end } of segments.slice(done)) {
      const state = states[stream];
      const ready = state.waiting.subarray(0, end - state.given);
      state.waiting = state.waiting.subarray(ready.length);
      state.given += ready.length;
      if (ready.length > 0) give(stream, ready);
    }
    // What a masker still holds back comes with the next piece of its stream.
    forgetSegments();
  }

  return {
    get isWaiting() {
      return segments.length - done > 1;
    },
    push(texts, parts) {
      for (const { stream, bytes } of parts) append(stream, bytes);
      for (const stream of STREAMS) {
        const text = texts[stream];
        if (text) giveInTurn(stream, maskers[stream].push(text));
      }
      if (states.stdout.waiting.length + states.stderr.waiting.length > MAX_WAITING_BYTES) stopWaiting();
    },
    stopWaiting,
    cut(stream) {
      giveInTurn(stream, maskers[stream].cut());
      stopWaiting();
    },
    end() {
      for (const stream of STREAMS) {
        segments.push({ stream, end: states[stream].read });
        giveInTurn(stream, maskers[stream].end());
      }
    },
  };
}
