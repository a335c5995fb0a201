import { readdirSync, statSync } from 'node:fs';
import { spawnSystemProgram } from '../../system/system-program.ts';

/** Files without a name that somebody still has open: their space is taken, and no walk finds them. */
export interface DeletedFiles {
  /** Each once, however many processes have it open. */
  readonly files: readonly DeletedFile[];
  /** Whether every process could be asked. */
  readonly isComplete: boolean;
}

interface DeletedFile {
  readonly device: number;
  readonly inode: number;
  readonly bytes: number;
}

interface Hidden {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

// %h links, %d device, %i inode, %b blocks of 512 bytes (stat(1) of coreutils and of busybox).
// A process that has open files, none of which may be followed, is hidden from its own user, too: setuid programs are.
const LIST_AS_USER = [
  'hidden=0',
  'for pid; do',
  '  stat -L -c "%h %d %i %b %F" /proc/$pid/fd/* 2>/dev/null && continue',
  '  for fd in /proc/$pid/fd/*; do',
  '    if [ -e "$fd" ]; then continue 2; fi',
  '  done',
  '  if [ -h "$fd" ]; then hidden=1; fi',
  'done',
  'exit $hidden',
].join('\n');
const LISTING_MS = 5_000;
// Where images have their stat(1). Not the PATH of the build: that may lead to anything.
const ENVIRONMENT = { PATH: '/usr/bin:/bin' };

/**
 * Without CAP_SYS_PTRACE, which containers rarely have, even root may not look at the open files of another user's
 * process; a program that runs as this user may.
 */
export async function findDeletedFiles(pids: readonly number[]): Promise<DeletedFiles> {
  const found = new Map<string, DeletedFile>();
  const add = (file: DeletedFile): void => void found.set(`${file.device}:${file.inode}`, file);
  const hidden = pids.filter((pid) => !readOpenFiles(pid, add)).flatMap(ownerOf);
  const byUser = Map.groupBy(hidden, ({ uid }) => uid);
  const listings = await Promise.all([...byUser.values()].map((group) => listAsUser(group)));
  for (const { text } of listings) for (const line of text.split('\n')) readLine(line, add);
  return { files: [...found.values()], isComplete: listings.every(({ isComplete }) => isComplete) };
}

/** Returns the process with its user; nothing when it has ended. */
function ownerOf(pid: number): Hidden[] {
  const stats = statSync(`/proc/${pid}`, { throwIfNoEntry: false });
  return stats ? [{ pid, uid: stats.uid, gid: stats.gid }] : [];
}

/** False when the agent may not see the open files of this process. */
function readOpenFiles(pid: number, add: (file: DeletedFile) => void): boolean {
  try {
    for (const name of readdirSync(`/proc/${pid}/fd`)) {
      // Undefined when the file was closed between the listing and the reading.
      const stats = statSync(`/proc/${pid}/fd/${name}`, { throwIfNoEntry: false });
      if (stats?.nlink === 0 && stats.isFile()) add({ device: stats.dev, inode: stats.ino, bytes: stats.blocks * 512 });
    }
    return true;
  } catch (error) {
    // ENOENT: the process has ended, and its deleted files with it. The names may be listed and yet not be followed.
    return (error as NodeJS.ErrnoException).code !== 'EACCES';
  }
}

function readLine(line: string, add: (file: DeletedFile) => void): void {
  const [links, device, inode, blocks, type] = line.split(' ');
  if (links !== '0' || type !== 'regular') return;
  add({ device: Number(device), inode: Number(inode), bytes: Number(blocks) * 512 });
}

interface Listing {
  readonly text: string;
  readonly isComplete: boolean;
}

const NOT_LISTED: Listing = { text: '', isComplete: false };

function listAsUser(processes: readonly Hidden[]): Promise<Listing> {
  const [{ uid, gid } = { uid: -1, gid: -1 }] = processes;
  const argv = ['-c', LIST_AS_USER, 'sh', ...processes.map(({ pid }) => String(pid))];
  return new Promise((resolve) => {
    const child = spawnSystemProgram('sh', argv, {
      as: { uid, gid },
      environment: ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeoutMs: LISTING_MS,
    });
    const pieces: Buffer[] = [];
    child.stdout?.on('data', (piece: Buffer) => pieces.push(piece));
    child.once('error', () => resolve(NOT_LISTED)); // no right to become this user
    child.once('close', (code) => resolve({ text: Buffer.concat(pieces).toString(), isComplete: code === 0 }));
  });
}
