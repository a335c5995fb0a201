import { constants, type Dir, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { OPEN_FLAG, SFTP_STATUS, type Attributes } from './sftp-wire.ts';

/** Returns the bytes of a name. Names travel as latin1 strings, one character a byte. */
const raw = (name: string): Buffer => Buffer.from(name, 'latin1');

// The kernel's PATH_MAX. An answer holds a name twice, and clients give up on an answer above 256 KiB.
const MAX_NAME_BYTES = 4_096;
// Opening a pipe would wait for its other end and delay every later request. A terminal would become this server's
// controlling terminal.
const NEVER_WAIT = constants.O_NONBLOCK | constants.O_NOCTTY;

function openMode(flags: number): number {
  const isRead = (flags & OPEN_FLAG.READ) !== 0;
  const isWrite = (flags & OPEN_FLAG.WRITE) !== 0;
  return (
    (isRead && isWrite ? constants.O_RDWR : isWrite ? constants.O_WRONLY : constants.O_RDONLY) |
    NEVER_WAIT |
    (flags & OPEN_FLAG.APPEND ? constants.O_APPEND : 0) |
    (flags & OPEN_FLAG.CREATE ? constants.O_CREAT : 0) |
    (flags & OPEN_FLAG.TRUNCATE ? constants.O_TRUNC : 0) |
    (flags & OPEN_FLAG.EXCLUSIVE ? constants.O_EXCL : 0)
  );
}

const rightsOf = (mode: number): number => mode & 0o7777;

export function openFile(name: string, flags: number, attributes: Attributes): Promise<fs.FileHandle> {
  // Bits that are no rights are cut off: Node aborts for a mode of 2^31. The umask is applied, as in sftp-server.
  return fs.open(raw(name), openMode(flags), rightsOf(attributes.mode ?? 0o666));
}

export function attributesOf(stat: Stats): Attributes {
  return {
    size: stat.size,
    owner: { uid: stat.uid, gid: stat.gid },
    mode: stat.mode,
    times: { accessed: Math.floor(stat.atimeMs / 1_000), modified: Math.floor(stat.mtimeMs / 1_000) },
  };
}

export async function readAttributes(name: string, links: 'follow' | 'show'): Promise<Attributes> {
  return attributesOf(links === 'follow' ? await fs.stat(raw(name)) : await fs.lstat(raw(name)));
}

export async function writeAttributes(
  target: string | fs.FileHandle,
  { size, mode, owner, times }: Attributes,
): Promise<void> {
  const file = typeof target === 'string' ? raw(target) : target;
  if (Buffer.isBuffer(file)) {
    if (size !== undefined) await truncateFile(file, size);
    if (mode !== undefined) await fs.chmod(file, rightsOf(mode));
    if (owner) await fs.chown(file, owner.uid, owner.gid);
    if (times) await fs.utimes(file, times.accessed, times.modified);
    return;
  }
  if (size !== undefined) await file.truncate(size);
  if (mode !== undefined) await file.chmod(rightsOf(mode));
  if (owner) await file.chown(owner.uid, owner.gid);
  if (times) await file.utimes(times.accessed, times.modified);
}

async function truncateFile(file: Buffer, size: number): Promise<void> {
  const handle = await fs.open(file, constants.O_WRONLY | NEVER_WAIT);
  try {
    await handle.truncate(size);
  } finally {
    await handle.close();
  }
}

export interface DirectoryEntry {
  readonly name: string;
  /** Has the form of a line of `ls -l`: stock clients show it unchanged. */
  readonly line: string;
  readonly attributes: Attributes;
}

/** Reads a directory piece by piece: its user decides how many entries it has, and how many directories are open. */
export class DirectoryReader {
  readonly #name: string;
  readonly #directory: Dir;
  #own = ['.', '..'];

  private constructor(name: string, directory: Dir) {
    this.#name = name;
    this.#directory = directory;
  }

  static async open(name: string): Promise<DirectoryReader> {
    return new DirectoryReader(name, await fs.opendir(raw(name), { encoding: 'latin1' }));
  }

  /** Returns an empty list at the end. */
  async next(maxEntries: number): Promise<DirectoryEntry[]> {
    const entries: DirectoryEntry[] = [];
    while (entries.length < maxEntries) {
      const name = this.#own.shift() ?? (await this.#directory.read())?.name;
      if (name === undefined) break;
      // An entry may be deleted between the two calls. Such an entry is not listed.
      const stat = await fs.lstat(raw(path.posix.join(this.#name, name))).catch(() => undefined);
      if (stat) entries.push({ name, line: listingLine(name, stat), attributes: attributesOf(stat) });
    }
    return entries;
  }

  close(): Promise<void> {
    return this.#directory.close();
  }
}

function listingLine(name: string, stat: Stats): string {
  const kind = stat.isDirectory() ? 'd' : stat.isSymbolicLink() ? 'l' : '-';
  const rights = [6, 3, 0].map((shift) => {
    const bits = (stat.mode >> shift) & 7;
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`;
  });
  // Some filesystems store times that are outside of every calendar.
  const isDate = !Number.isNaN(stat.mtime.getTime());
  const when = isDate ? stat.mtime.toISOString().slice(0, 16).replace('T', ' ') : '-';
  return `${kind}${rights.join('')} ${stat.nlink} ${stat.uid} ${stat.gid} ${stat.size} ${when} ${name}`;
}

/**
 * Returns the absolute name, with links resolved as far as the path exists: the name of a new file does not exist
 * yet.
 */
export async function realName(name: string): Promise<string> {
  if (name.length > MAX_NAME_BYTES) throw Object.assign(new Error('the name is too long'), { code: 'ENAMETOOLONG' });
  const absolute = path.posix.resolve(name || '.');
  const real = await fs.realpath(raw(absolute), { encoding: 'buffer' }).catch(() => raw(absolute));
  return real.toString('latin1');
}

export async function readLinkName(name: string): Promise<string> {
  return (await fs.readlink(raw(name), { encoding: 'buffer' })).toString('latin1');
}

export const removeFile = (name: string): Promise<void> => fs.unlink(raw(name));
export const removeDirectory = (name: string): Promise<void> => fs.rmdir(raw(name));
export const makeLink = (target: string, name: string): Promise<void> => fs.symlink(raw(target), raw(name));
export const makeHardLink = (target: string, name: string): Promise<void> => fs.link(raw(target), raw(name));
/** Renames like rename(2): a file that has the new name is replaced. */
export const replaceFile = (from: string, to: string): Promise<void> => fs.rename(raw(from), raw(to));

export async function makeDirectory(name: string, { mode }: Attributes): Promise<void> {
  await fs.mkdir(raw(name), { mode: rightsOf(mode ?? 0o777) });
}

/** Renames only to a free name: version 3 forbids a rename over an existing file. */
export async function renameFile(from: string, to: string): Promise<void> {
  const isTaken = await fs.lstat(raw(to)).then(
    () => true,
    () => false,
  );
  if (isTaken) throw Object.assign(new Error('the new name is taken'), { code: 'EEXIST' });
  await fs.rename(raw(from), raw(to));
}

export function statusOf(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return SFTP_STATUS.NO_SUCH_FILE;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return SFTP_STATUS.PERMISSION_DENIED;
  return SFTP_STATUS.FAILURE;
}
