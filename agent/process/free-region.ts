import { spawn } from 'node:child_process';

/**
 * Gives the disk space of a part of a file back and leaves the file's length as it is, so that nobody who writes to
 * it or reads behind the part notices. False when the filesystem or the image cannot do that.
 */
export function freeRegion(path: string, offset: number, length: number): Promise<boolean> {
  const region = ['--offset', String(offset), '--length', String(length), path];
  return new Promise((resolve) => {
    const child = spawn('fallocate', ['--punch-hole', ...region], { stdio: 'ignore', cwd: '/' });
    child.once('error', () => resolve(false)); // no such program in this image
    child.once('exit', (code) => resolve(code === 0));
  });
}
