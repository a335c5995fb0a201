import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Returns the directory of the built dashboard. In a checkout it is built first when its sources are newer. */
export async function findDashboard(): Promise<string> {
  // In the package this file is below dist/, and so is the dashboard.
  const published = join(ROOT, 'dashboard');
  if (existsSync(published)) return published;
  await promisify(execFile)(process.execPath, [join(ROOT, 'config', 'build.ts'), 'dashboard'], { cwd: ROOT });
  return join(ROOT, 'dist', 'dashboard');
}
