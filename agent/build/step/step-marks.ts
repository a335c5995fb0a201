import { randomBytes } from 'node:crypto';

/** What the shell of a step tells of itself, between the bytes that the commands write to stdout. */
export type StepMark =
  /** Commands begin, by index. There are several where a mark between them would change what they do. */
  | { readonly kind: 'begin'; readonly indexes: readonly number[] }
  | FailedMark
  /** The shell ends. The command that ran last, and the line of the script from which its function was called. */
  | { readonly kind: 'exit'; readonly callLine: number | null; readonly command: string };

/** The trap for ERR under `set -e`. Where a redirection of a compound command failed (`done < missing`), bash tells it the command that ran before. */
export interface FailedMark {
  readonly kind: 'failed';
  /** The line of the command in the script, or the line that called the function or file that it is in. */
  readonly scriptLine: number | null;
  /** Whether that command, or a part of its pipeline, had another status than 0. */
  readonly hasStatus: boolean;
  readonly command: string;
}

/** A mark has to be one write that the kernel does not split, so it is shorter than PIPE_BUF (4096). */
export const MAX_COMMAND_CHARACTERS = 500;
const MAX_MARK_BYTES = 4096;
const NUL = 0;

export interface MarkReader {
  /** Bytes of the commands and marks of the shell, in the order in which they were written. */
  push(data: Buffer): (Buffer | StepMark)[];
  /** Bytes that were held back because a mark could have begun with them. */
  end(): Buffer;
}

/** Random, so that no output has it by chance. The letter keeps printf from reading `\0` and digits as one number. */
export function newMarkKey(): string {
  return `wip${randomBytes(16).toString('hex')}`;
}

/** Takes the marks with this key out of a stream. A mark is a NUL, the key, its kind, its values and a NUL. */
export function createMarkReader(key: string): MarkReader {
  const prefix = Buffer.from(`\0${key}`);
  let held: Buffer = Buffer.alloc(0);
  return {
    push(piece) {
      const data = held.length === 0 ? piece : Buffer.concat([held, piece]);
      const parts: (Buffer | StepMark)[] = [];
      let from = 0;
      for (let at = data.indexOf(prefix); at >= 0; at = data.indexOf(prefix, from)) {
        const end = data.indexOf(NUL, at + prefix.length);
        if (end < 0 && data.length - at < MAX_MARK_BYTES) break;
        if (at > from) parts.push(data.subarray(from, at));
        const mark = end < 0 ? null : parseMark(data.subarray(at + prefix.length, end).toString());
        from = mark ? end + 1 : at + prefix.length;
        parts.push(mark ?? data.subarray(at, from));
      }
      const keep = startOfHeld(data, from, prefix);
      if (keep > from) parts.push(data.subarray(from, keep));
      held = data.subarray(keep);
      return parts;
    },
    end: () => held,
  };
}

/** Where a mark begins whose end is still to come; the length of the data when there is none. */
function startOfHeld(data: Buffer, from: number, prefix: Buffer): number {
  const whole = data.indexOf(prefix, from);
  if (whole >= 0) return whole;
  const first = Math.max(from, data.length - prefix.length + 1);
  for (let at = data.indexOf(NUL, first); at >= 0; at = data.indexOf(NUL, at + 1)) {
    if (prefix.subarray(0, data.length - at).equals(data.subarray(at))) return at;
  }
  return data.length;
}

function parseMark(text: string): StepMark | null {
  const begin = /^b([\d ]+)$/.exec(text)?.[1];
  if (begin !== undefined) return { kind: 'begin', indexes: begin.split(' ').map(Number) };
  const failed = /^f(\d*):(\d*):(.*)$/s.exec(text);
  if (failed) {
    const [, line = '', statuses = '', command = ''] = failed;
    return {
      kind: 'failed',
      scriptLine: line === '' ? null : Number(line),
      hasStatus: /[1-9]/.test(statuses),
      command,
    };
  }
  const exit = /^x(\d*):(.*)$/s.exec(text);
  if (exit) return { kind: 'exit', callLine: exit[1] ? Number(exit[1]) : null, command: exit[2] ?? '' };
  return null;
}
