import { styleText } from 'node:util';
import type { CliContext, Sink } from '../cli-context.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (style: Style, text: string) => string;

/** Colours only for a person at a terminal who has not asked for none (https://no-color.org). */
export function paintFor(sink: Sink, environment: CliContext['environment']): Paint {
  const isColoured = sink.isTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  // paintFor decides about colours, because the sink of the command may not be a stream of this process.
  return (style, text) => (isColoured ? styleText(style, text, { validateStream: false }) : text);
}

// Control characters except tab and line feed, and bidirectional controls (Unicode Bidi_Control) and line separators, which can
// show a text in another order or on other lines than it was written.
const MISLEADING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Titles, messages and options come from people and builds. Control characters in them could rewrite the screen or disguise the
 * text, so they are shown as escapes. (Build output passes unchanged: that is its purpose.)
 */
export function visible(text: string): string {
  return text.replace(MISLEADING, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** Like `visible`, on one line. */
export function oneLine(text: string): string {
  return visible(text.replace(/\s+/g, ' ').trim());
}

/** Pads columns to their longest cell. The last column is cut at the width of the terminal, if there is one. */
export function alignColumns(rows: readonly (readonly string[])[], columns: number | undefined): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows
    .map((row) => {
      const cells = row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)));
      const line = cells.join('  ').trimEnd();
      return columns !== undefined && line.length > columns ? `${line.slice(0, Math.max(0, columns - 1))}…` : line;
    })
    .map((line) => `${line}\n`)
    .join('');
}

export function indent(text: string, by: string): string {
  return text.replace(/^(?=.)/gm, by);
}
