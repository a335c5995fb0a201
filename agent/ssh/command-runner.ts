import type { Readable, Writable } from 'node:stream';

/** One command line as SSH brings it: a text for the user's shell. */
export interface CommandRequest {
  readonly command: string;
  /** Unix user the command runs as. */
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A command that runs; its three streams are bytes, never text. */
export interface RunningCommand {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  kill(signal: NodeJS.Signals): void;
  /** Never rejects: a command that could not be started exits with 127 and says why on stderr. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Starts a command for an SSH session. Implemented by agent/process, handed in by agent/run/. */
export type CommandRunner = (request: CommandRequest) => RunningCommand;

/** Starts an SFTP server on the command's stdin and stdout, with the rights of the Unix user. */
export type SftpRunner = (user: string) => RunningCommand;
