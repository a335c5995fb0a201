import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** Returns the directory that `config/build.ts dashboard` makes. */
export type FindDashboard = () => Promise<string>;

export interface DashboardFile {
  readonly type: string;
  readonly body: Buffer;
  readonly gzipped: Buffer;
}

/** The files of the dashboard, read once and kept: some 200 kB. */
export interface DashboardService {
  /** Returns null when this node has no dashboard. */
  findPage(): Promise<DashboardFile | null>;
  /** Returns null for a name that the dashboard does not have. */
  findAsset(name: string): Promise<DashboardFile | null>;
}

type Files = ReadonlyMap<string, DashboardFile>;

const PAGE = 'index.html';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Reads the files at the first request: most nodes of tests, and many of a fleet, never serve a page. */
export function createDashboardService(findDashboard: FindDashboard | undefined): DashboardService {
  let reading: Promise<Files> | undefined;
  const files = async (): Promise<Files> => {
    if (!findDashboard) return new Map();
    reading ??= findDashboard().then(readFiles);
    try {
      return await reading;
    } catch (error) {
      reading = undefined; // the next request tries again: a checkout may just be changing
      throw error;
    }
  };
  return {
    findPage: async () => (await files()).get(PAGE) ?? null,
    findAsset: async (name) => (name === PAGE ? null : ((await files()).get(name) ?? null)),
  };
}

async function readFiles(directory: string): Promise<Files> {
  const names = (await readdir(directory)).filter((name) => TYPES[extname(name)] !== undefined);
  const entries = names.map(async (name): Promise<[string, DashboardFile]> => {
    const body = await readFile(join(directory, name));
    return [name, { type: TYPES[extname(name)] ?? '', body, gzipped: await promisify(gzip)(body, { level: 9 }) }];
  });
  return new Map(await Promise.all(entries));
}
