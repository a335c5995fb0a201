import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a contestant is given. */
export interface ContestantOrder {
  /** A database of its own. */
  readonly url: string;
  /** Where the peers are installed. */
  readonly directory: string;
  readonly lanes: number;
  readonly concurrency: number;
  /** To be called first thing by the code that a lane's work runs. */
  readonly hear: (lane: number) => void;
}

export interface Contestant {
  /** Resolves when the lane's work is committed. */
  send(lane: number): Promise<void>;
  close(): Promise<void>;
}

export type StartContestant = (order: ContestantOrder) => Promise<Contestant>;

/** Connections of each contestant, as many as a node of ours has. */
export const CONNECTIONS = 16;

/** Loads a package out of a directory that is not above this file. */
export async function importFrom(directory: string, name: string): Promise<unknown> {
  const file = createRequire(path.join(directory, 'any.js')).resolve(name);
  return await import(pathToFileURL(file).href);
}
