import type { StreamName } from '../../../shared/protocol/signals.ts';
import { otherThan, runsOf, STREAMS, type Runs } from './write-runs.ts';

/** Text of a stream that was not dealt before. */
export interface NewText {
  readonly text: Buffer;
  /** This many of its bytes were certainly written in the runs; those behind them perhaps later. */
  readonly sureBytes: number;
}

/** Bytes of one stream that come one after the other. */
export interface Part {
  readonly stream: StreamName;
  readonly bytes: number;
}

export interface Dealt {
  /** In the order in which they were written. */
  readonly parts: readonly Part[];
  /** Bytes of each stream that the parts have; the rest belongs to the next runs. */
  readonly taken: Readonly<Record<StreamName, number>>;
}

const NEWLINE = 0x0a;
/**
 * Tolerance between lines and runs: an edge of the block can cut this many lines from the runs, and one more for each
 * so many runs (chosen).
 */
const MAX_MISSING = 4;
const RUNS_PER_MISSING = 16;

/**
 * Deals the new lines of both streams to the runs in which they were written. A program that writes single lines has as
 * many lines as runs, and then the order is exact. Otherwise the runs of a stream get equal shares, which is a guess.
 */
export function dealLines(texts: Readonly<Record<StreamName, NewText>>, runs: Runs): Dealt {
  const hands = {
    stdout: handOf(texts.stdout, runsOf('stdout', runs)),
    stderr: handOf(texts.stderr, runsOf('stderr', runs)),
  };
  const parts: Part[] = [];
  function deal(stream: StreamName, run: number): void {
    const { ends, before } = hands[stream];
    const bytes = ends[before(run + 1)]! - ends[before(run)]!;
    if (bytes > 0) parts.push({ stream, bytes });
  }
  // Without a run nothing is known of the order of a stream. It comes first, because it can wait no longer.
  for (const stream of STREAMS) if (runsOf(stream, runs) === 0) deal(stream, 0);
  let stream = runs.first;
  for (let run = 0; run < runs.count; run += 1) {
    deal(stream, run >> 1);
    stream = otherThan(stream);
  }
  return { parts, taken: { stdout: hands.stdout.taken, stderr: hands.stderr.taken } };
}

interface Hand {
  /** Where each line begins, and where the last one ends. */
  readonly ends: readonly number[];
  /** Returns how many lines are dealt before this run of the stream. */
  readonly before: (run: number) => number;
  readonly taken: number;
}

function handOf(newText: NewText, runs: number): Hand {
  const ends = endsOfLines(newText);
  const sureLines = ends.indexOf(newText.sureBytes);
  if (runs === 0) return { ends, before: (run) => run * sureLines, taken: newText.sureBytes };
  // Lines that were written after the runs were counted belong to runs that are reported later.
  const each = Math.max(1, Math.round(sureLines / runs));
  const lines = Math.min(Math.max(each * runs, sureLines), ends.length - 1);
  const isEach = Math.abs(each * runs - lines) <= MAX_MISSING + runs / RUNS_PER_MISSING;
  const before = (run: number): number => {
    if (run === runs) return lines;
    return isEach ? Math.min(each * run, lines) : Math.ceil((run * lines) / runs);
  };
  return { ends, before, taken: ends[lines]! };
}

function endsOfLines({ text, sureBytes }: NewText): number[] {
  const ends = [0];
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf(NEWLINE, at);
    let end = newline === -1 ? text.length : newline + 1;
    if (at < sureBytes && end > sureBytes) end = sureBytes;
    ends.push(end);
    at = end;
  }
  return ends;
}
