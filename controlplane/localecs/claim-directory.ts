import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import { readEntry } from '../../shared/system/proc-table.ts';
import { isRunning } from './process/process-tree.ts';

const Owner = z.object({ pid: z.int().positive(), startTicks: z.string() });

/**
 * Writes this process down as the one that uses the directory. Throws DATA_DIRECTORY_UNUSABLE while another one does: two
 * local ECS would both adopt its containers, and each would stop them at its end. A killed owner holds nothing.
 */
export async function claimDirectory(directory: string): Promise<void> {
  const file = path.join(directory, 'owner.json');
  const owner = await readOwner(file);
  if (owner && owner.pid !== process.pid && isRunning(owner.pid, owner.startTicks)) {
    throw new OperationalError('DATA_DIRECTORY_UNUSABLE', {
      happened: `Another local ECS, process ${owner.pid}, uses the directory ${directory}`,
      remedy: 'Stop that one, or choose another directory',
    });
  }
  const startTicks = String(readEntry(process.pid)?.startTicks ?? '');
  await writeFile(file, `${JSON.stringify({ pid: process.pid, startTicks })}\n`, { mode: 0o600 });
}

async function readOwner(file: string): Promise<z.infer<typeof Owner> | null> {
  try {
    return Owner.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    // A file that was cut off belongs to an owner that was killed while it wrote.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
