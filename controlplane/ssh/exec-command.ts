import type { Client as SshClient, ClientChannel } from 'ssh2';
import { OperationalError } from '../../shared/model/error.ts';
import { formatSeconds } from '../../shared/model/units.ts';

export interface CommandOutcome {
  /** Null when a signal ended the command; then `signal` names it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

// Commands of operators and wrapper scripts print less. Output of builds comes over the agent API.
const MAX_OUTPUT_BYTES = 1024 * 1024;

interface CommandInput {
  /** Absent: the command finds the end of its input at once. */
  readonly stdin?: Buffer;
  /** How much is kept of each stream, from its beginning; a MiB when absent. */
  readonly maxOutputBytes?: number;
}

/** Runs a command line and keeps the beginning of each stream. */
export function execCommand(
  ssh: SshClient,
  command: string,
  timeoutMs: number,
  { stdin, maxOutputBytes = MAX_OUTPUT_BYTES }: CommandInput = {},
): Promise<CommandOutcome> {
  return new Promise((resolve, reject) => {
    let channel: ClientChannel | undefined;
    let isOver = false;
    const fail = (code: 'SSH_CHANNEL' | 'SSH_TIMEOUT', why: string, cause?: Error): void => {
      isOver = true;
      clearTimeout(timer);
      channel?.close();
      reject(commandError(code, why, cause));
    };
    const timer = setTimeout(() => {
      const time = formatSeconds(timeoutMs / 1000);
      fail('SSH_TIMEOUT', channel ? `it was not over after ${time}` : `SSH did not say within ${time} that it began`);
    }, timeoutMs);
    const opened = (error: Error | undefined, stream: ClientChannel): void => {
      if (error) return fail('SSH_CHANNEL', error.message, error);
      // The caller has been told that the command has no known end, and may run it again.
      if (isOver) return stream.close();
      channel = stream;
      const stdout = collect(stream, maxOutputBytes);
      const stderr = collect(stream.stderr, MAX_OUTPUT_BYTES);
      let outcome: { exitCode: number | null; signal: string | null } | undefined;
      stream.on('exit', (code: number | null, signal?: string) => {
        outcome = { exitCode: code, signal: signal ?? null };
      });
      stream.once('close', () => {
        if (!outcome) return fail('SSH_CHANNEL', 'the connection ended before it was over');
        clearTimeout(timer);
        resolve({ ...outcome, stdout: stdout(), stderr: stderr() });
      });
      stream.end(stdin);
    };
    try {
      ssh.exec(command, opened);
    } catch (error) {
      // ssh2 throws when the connection has ended
      fail('SSH_CHANNEL', 'the connection has ended', error instanceof Error ? error : undefined);
    }
  });
}

function collect(stream: NodeJS.ReadableStream, maxBytes: number): () => Buffer {
  const pieces: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (piece: Buffer) => {
    const kept = piece.subarray(0, maxBytes - bytes);
    bytes += kept.length;
    if (kept.length > 0) pieces.push(kept);
  });
  return () => Buffer.concat(pieces);
}

function commandError(code: 'SSH_CHANNEL' | 'SSH_TIMEOUT', why: string, cause?: Error): OperationalError {
  return new OperationalError(code, {
    happened: `A command in the container has no known end: ${why}`,
    remedy: 'It may have run or not: look before it is run again',
    cause,
  });
}
