import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { OperationalError, messageOf } from '../../shared/model/error.ts';
import { gigabytes } from '../../shared/model/units.ts';
import { walkChangedFiles } from '../monitor/changed-files.ts';
import type { CommandDeps } from './command-deps.ts';

/**
 * Measures the space that the files of the image take. The used space of the disk would be wrong: on a machine that
 * builds images it belongs to other images, and with it as a baseline any disk would pass for the container's own.
 */
export async function measureBaseline(
  deps: Pick<CommandDeps, 'imageRoot' | 'monotonicMs' | 'write'>,
  writeFile: string | undefined,
): Promise<number> {
  const { imageRoot, monotonicMs } = deps;
  const everything = { sinceMs: -Infinity, device: lstatSync(imageRoot).dev, excluded: new Set<string>() };
  const { bytes } = await walkChangedFiles({ paths: [imageRoot], ...everything, monotonicMs });
  const text = gigabytes(bytes).toFixed(3);
  deps.write(`${text} GB\n`);
  if (writeFile !== undefined) writeInitialSize(writeFile, text);
  return 0;
}

function writeInitialSize(file: string, gigabytesText: string): void {
  try {
    writeFileSync(file, withInitialSize(readFileSync(file, 'utf8'), gigabytesText));
  } catch (cause) {
    throw new OperationalError('FILE_REFUSED', {
      happened: `The figure could not be written into ${file}: ${messageOf(cause)}`,
      remedy: 'Name a config.ini that is there and that this user may write',
      cause,
    });
  }
}

/** Replaces the value and leaves everything else, comments included, as people wrote it. */
export function withInitialSize(ini: string, gigabytesText: string): string {
  const line = /^([ \t]*initial_size[ \t]*=[ \t]*)[^;#\r\n]*?([ \t]*(?:[;#].*)?)$/m;
  if (line.test(ini)) return ini.replace(line, `$1${gigabytesText}$2`);
  const section = /^[ \t]*\[disk\][^\n]*\n/m;
  const added = `initial_size = ${gigabytesText}\n`;
  return section.test(ini) ? ini.replace(section, (found) => found + added) : `${ini.trimEnd()}\n\n[disk]\n${added}`;
}
