import type { OutputView } from '../http/views.ts';

/** Notices where pieces of output do not follow each other. */
export interface OutputGaps {
  /** Returns how many bytes of its stream are missing directly before this piece. */
  before(piece: OutputView): number;
}

export function createOutputGaps(): OutputGaps {
  const ends = new Map<string, number>();
  return {
    before({ attempt, processId, stream, offset, data }) {
      const key = JSON.stringify([attempt, processId, stream]);
      const end = ends.get(key) ?? 0;
      ends.set(key, Math.max(end, offset + Buffer.byteLength(data, 'base64')));
      return Math.max(0, offset - end);
    },
  };
}

/** Whether what was written so far, of which this is the end, ends a line. */
export function lineAfter(data: Uint8Array): 'open' | 'closed' {
  return data.at(-1) === 0x0a || data.length === 0 ? 'closed' : 'open';
}

/** A line of its own that stands for what is missing; `lineIsOpen` when the text before it does not end a line. */
export function gapLine(bytes: number, stream: string, lineIsOpen: 'open' | 'closed'): string {
  const count = bytes.toLocaleString('en-US');
  return `${lineIsOpen === 'open' ? '\n' : ''}[wip: ${count} bytes of ${stream} are missing here]\n`;
}
