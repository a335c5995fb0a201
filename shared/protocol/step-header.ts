import { BUILD_EVENTS } from './build-export.ts';

/** The line with which the build tool begins a step in its output. */
export interface StepHeader {
  readonly event: string;
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly name: string;
  /** Offset of the header in the stdout of the build's process, in bytes. */
  readonly offset: number;
}

/** `at`: ISO 8601, when the control plane received it. */
export type ReceivedStepHeader = StepHeader & { readonly at: string };

export function printStepHeader({ event, number, of, name }: Omit<StepHeader, 'offset'>): string {
  return `=== ${event}: step ${number} of ${of}: ${name}\n`;
}

const HEADER = new RegExp(`^=== (${BUILD_EVENTS.join('|')}): step (\\d{1,6}) of (\\d{1,6}): (.{1,200})`, 'gm');
const BEGIN = Buffer.from('=== ');

/**
 * Finds headers in a piece of a build's stdout, so that people see at once which step runs. Other output can look like a header,
 * so after the end of the build the record of the build tool is used instead.
 */
export function findStepHeaders(piece: { readonly offset: number; readonly data: Buffer }): StepHeader[] {
  const { offset, data } = piece;
  if (!data.includes(BEGIN)) return [];
  // Latin-1 has one character per byte, so positions in the text are positions in the stream.
  const text = data.toString('latin1');
  return [...text.matchAll(HEADER)].map((found) => ({
    event: found[1]!,
    number: Number(found[2]),
    of: Number(found[3]),
    name: Buffer.from(found[4]!, 'latin1').toString('utf8').trimEnd(),
    offset: offset + found.index,
  }));
}
