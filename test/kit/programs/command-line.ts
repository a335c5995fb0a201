import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { systemClock } from '../../../shared/time/clock.ts';
import type { Role } from '../../../controlplane/api/http/authentication.ts';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import type { CliContext, Sink } from '../../../controlplane/cli/cli-context.ts';
import { runProgram } from '../../../controlplane/cli/program.ts';
import { problemOfJson } from '../problem-of-json.ts';
import { MemoryServices } from '../memory/memory-services.ts';

/** Keeps the text that is written to it. */
export class MemorySink implements Sink {
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
  readonly #pieces: Buffer[] = [];

  constructor(terminal?: { columns: number }) {
    this.isTerminal = terminal !== undefined;
    this.columns = terminal?.columns;
  }

  readonly write = (text: string | Uint8Array): void => {
    this.#pieces.push(Buffer.from(text as string));
  };

  readonly drained = async (): Promise<void> => undefined;

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  get text(): string {
    return this.bytes.toString();
  }
}

export interface CommandResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/**
 * A listening control plane in memory and a `wipctl` that calls it, in this process. What `--json` prints is held against
 * its schema.
 */
export class CommandLine {
  readonly services = new MemoryServices();
  readonly interrupt = new AbortController();
  readonly termination = new AbortController();
  /** The environment hides the person's own git settings. */
  environment: Record<string, string | undefined> = {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  cwd = '/';
  /** Text that is piped into the command. */
  input = '';
  /** Bytes that are piped into it instead. */
  inputBytes: Uint8Array | undefined;
  /** Set to make the command believe that it writes to a terminal. */
  terminal: { columns: number } | undefined;
  out = new MemorySink();
  err = new MemorySink();
  #app: FastifyInstance | undefined;
  url = '';

  /** Starts the server, after a stop at the same address, and makes a token for `role`. */
  async listen(role: Role = 'admin'): Promise<void> {
    this.#app = createHttpApi(this.services.apiDeps);
    const port = this.url === '' ? 0 : Number(new URL(this.url).port);
    this.url = await this.#app.listen({ host: '127.0.0.1', port });
    const token = this.environment['WIP_TOKEN'] ?? this.services.giveToken({ name: 'ann', role });
    this.environment = { ...this.environment, WIP_SERVER: this.url, WIP_TOKEN: token };
  }

  async close(): Promise<void> {
    await this.#app?.close();
  }

  async run(...argv: string[]): Promise<CommandResult> {
    this.out = new MemorySink(this.terminal);
    this.err = new MemorySink(this.terminal);
    let exitCode = 0;
    await runProgram(
      argv,
      this.contextFor((code) => (exitCode = code)),
    );
    const result = { exitCode, out: this.out.text, err: this.err.text };
    const problem = argv.includes('--json') ? problemOfJson(argv, result.out) : null;
    if (problem !== null) throw new Error(`wipctl ${argv.join(' ')}: ${problem}`);
    return result;
  }

  contextFor(setExitCode: (code: number) => void): CliContext {
    return {
      environment: this.environment,
      cwd: this.cwd,
      out: this.out,
      err: this.err,
      readInput: () => Promise.resolve(this.input),
      inputBytes: () => Readable.from([this.inputBytes ?? Buffer.from(this.input)]),
      clock: systemClock,
      onInterrupt: () => this.interrupt.signal,
      onTermination: () => this.termination.signal,
      setExitCode,
      forceExitAfterCommand: () => undefined,
    };
  }
}
