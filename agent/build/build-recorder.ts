import { appendFile, rename, rm, writeFile } from 'node:fs/promises';
import { BUILD_RECORD, type BuildRecordLine } from '../../shared/protocol/build-record.ts';
import type { CallerEnvironment } from './build-deps.ts';

/** Takes down what becomes of a build. A record that cannot be written fails no build. */
export interface BuildRecorder {
  add(line: BuildRecordLine): Promise<void>;
  /** Writes the last line, and the whole anew: nothing that a step wrote into the file is left. */
  end(line: BuildRecordLine): Promise<void>;
}

const MODE = 0o600;

/** The file is read by whoever ordered the build, while it runs and at its end. Without a file nothing is recorded. */
export function createBuildRecorder(environment: CallerEnvironment): BuildRecorder {
  const path = environment[BUILD_RECORD];
  if (!path) return { add: async () => {}, end: async () => {} };
  const lines: string[] = [];
  let isNew = true;
  const writeWhole = async (): Promise<void> => {
    const whole = `${path}.new`;
    await rm(whole, { force: true });
    // wx: a link that a step has put there is not followed.
    await writeFile(whole, lines.join(''), { mode: MODE, flag: 'wx' });
    await rename(whole, path);
  };
  const record = async (line: BuildRecordLine, write: (text: string) => Promise<void>): Promise<void> => {
    const text = `${JSON.stringify(line)}\n`;
    lines.push(text);
    try {
      await write(text);
    } catch {
      // A full disk, or a directory that a step has removed. The end writes the whole once more.
    }
  };
  return {
    async add(line) {
      await record(line, isNew ? writeWhole : (text) => appendFile(path, text));
      isNew = false;
    },
    end: (line) => record(line, writeWhole),
  };
}
