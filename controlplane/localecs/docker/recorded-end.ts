import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ContainerEnd, LaunchOrder } from '../launcher.ts';

const RecordedEnd = z.object({ exitCode: z.int().nullable(), reason: z.string().optional() });

type Owner = Pick<LaunchOrder, 'directory'>;

function fileOf({ directory }: Owner): string {
  return path.join(directory, 'container.exit');
}

/** Keeps how a container ended, beyond its removal. A rename creates the file: a reader sees a whole one or none. */
export async function recordEnd(owner: Owner, end: ContainerEnd): Promise<void> {
  const temporary = `${fileOf(owner)}.tmp`;
  await writeFile(temporary, JSON.stringify(end), { mode: 0o600 });
  await rename(temporary, fileOf(owner));
}

export async function readRecordedEnd(owner: Owner): Promise<ContainerEnd | null> {
  try {
    const { exitCode, reason } = RecordedEnd.parse(JSON.parse(await readFile(fileOf(owner), 'utf8')));
    return { exitCode, ...(reason !== undefined && { reason }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
