import type { Clock } from '../../shared/support/clock.ts';

/** One of the two streams of the terminal, or what stands in its place. */
export interface Sink {
  /** Bytes are written as they are: build output may be cut within a character, or be no text at all. */
  write(text: string | Uint8Array): void;
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined when there is none. */
  readonly columns: number | undefined;
}

/** What a command needs of the process it runs in. */
export interface CliContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: Sink;
  readonly err: Sink;
  /** All that is piped into the program. */
  readonly readInput: () => Promise<string>;
  readonly clock: Clock;
  /** From the first call on, the first Ctrl-C aborts the signal instead of ending the program. */
  readonly onInterrupt: () => AbortSignal;
  readonly setExitCode: (code: number) => void;
}

export function writeJson(context: CliContext, value: unknown): void {
  context.out.write(`${JSON.stringify(value, null, 2)}\n`);
}
