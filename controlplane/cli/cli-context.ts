import type { Clock } from '../../shared/time/clock.ts';

/** An output stream: stdout or stderr of the process, or a replacement in tests. */
export interface Sink {
  /** Bytes are not decoded: build output may be cut within a character, or not be text at all. */
  write(text: string | Uint8Array): void;
  /**
   * Resolves when the reader has taken everything written so far, or when `stop` aborts. A command with much output waits for
   * this, because output that a slow reader has not taken stays in memory.
   */
  drained(stop?: AbortSignal): Promise<void>;
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined when the stream is not a terminal. */
  readonly columns: number | undefined;
}

/** The process that a command runs in. */
export interface CliContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: Sink;
  readonly err: Sink;
  /** Reads standard input to its end. */
  readonly readInput: () => Promise<string>;
  /** Standard input as a stream, for input that is not text or too large for the memory. */
  readonly inputBytes: () => AsyncIterable<Uint8Array>;
  readonly clock: Clock;
  /** After the first call, the first Ctrl-C aborts the returned signal instead of ending the program. */
  readonly onInterrupt: () => AbortSignal;
  /**
   * For a command that has to end something before it ends itself. After the first call, the first SIGTERM, SIGHUP or other
   * terminating signal aborts the returned signal instead of ending the program. The abort reason is the name of the signal.
   */
  readonly onTermination: () => AbortSignal;
  readonly setExitCode: (code: number) => void;
  /**
   * Ends this process soon after the command, even if code of the given module left a timer or a socket, which would keep the
   * process alive for ever.
   */
  readonly forceExitAfterCommand: (module: string) => void;
}

export function writeJson(context: CliContext, value: unknown): void {
  context.out.write(`${JSON.stringify(value, null, 2)}\n`);
}
