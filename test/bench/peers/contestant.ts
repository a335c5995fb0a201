import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The order to a contestant. */
export interface ContestantOrder {
  /** Address of the contestant's own database. */
  readonly url: string;
  /** Directory in which the peers are installed. */
  readonly directory: string;
  readonly lanes: number;
  readonly concurrency: number;
  /** Must be the first call of the code that runs a lane's work. */
  readonly hear: (lane: number) => void;
}

export interface Contestant {
  /** Resolves when the lane's work is committed. */
  send(lane: number): Promise<void>;
  close(): Promise<void>;
}

export type StartContestant = (order: ContestantOrder) => Promise<Contestant>;

/** Connections of each contestant, as many as a node of Wip has. */
export const CONNECTIONS = 16;

/** Loads a package from a directory that is not above this file. */
export async function importFrom(directory: string, name: string): Promise<unknown> {
  const file = createRequire(path.join(directory, 'any.js')).resolve(name);
  return await import(pathToFileURL(file).href);
}
