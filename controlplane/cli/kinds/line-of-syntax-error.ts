import { spawnSync } from 'node:child_process';

const LIMIT_MS = 10_000;

/**
 * Returns in brackets where Node cannot parse the module; nothing when it can, as when an imported one is wrong. The error of an
 * import does not say it, and Node tells it of a program only.
 */
export function lineOfSyntaxError(path: string): string {
  const { stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8', timeout: LIMIT_MS });
  const [, location] = /^(?:file:\/\/)?(\/.*:\d+)$/m.exec(stderr ?? '') ?? [];
  return location === undefined ? '' : ` (${location})`;
}
