import { spawnSystemProgram } from '../../system/system-program.ts';

/**
 * Gives the disk space of a part of a file back and leaves the file's length as it is, so that nobody who writes to
 * it or reads behind the part notices. False when the filesystem or the image cannot do that.
 */
export function freeRegion(path: string, offset: number, length: number): Promise<boolean> {
  const region = ['--offset', String(offset), '--length', String(length), path];
  return new Promise((resolve) => {
    try {
      const child = spawnSystemProgram('fallocate', ['--punch-hole', ...region], { stdio: 'ignore' });
      child.once('error', () => resolve(false));
      child.once('exit', (code) => resolve(code === 0));
    } catch {
      resolve(false); // no such program in this image
    }
  });
}
