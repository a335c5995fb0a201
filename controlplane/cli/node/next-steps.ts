import { join } from 'node:path';
import { shellWord } from '../../../shared/text/shell-quote.ts';
import { findDevFile } from '../client/dev-file.ts';

export interface RunningDevelopment {
  readonly url: string;
  readonly dataDirectory: string;
  /** The directory in which the command was started. */
  readonly cwd: string;
  /** The command that a person most likely wants next. */
  readonly command: string;
}

/** Returns the next command for people, preceded by the settings that wipctl cannot find by itself: it searches for `.wip` only. */
export function nextStepsText({ url, dataDirectory, cwd, command }: RunningDevelopment): string {
  const where = 'In another terminal, in this directory:';
  if (isFoundFrom(cwd, dataDirectory)) return `${where} ${command}\n`;
  return (
    `${where}\n` +
    `  export WIP_SERVER=${shellWord(url)}\n` +
    `  export WIP_TOKEN="$(cat ${shellWord(join(dataDirectory, 'token'))})"\n` +
    `  ${command}\n`
  );
}

function isFoundFrom(cwd: string, dataDirectory: string): boolean {
  try {
    return findDevFile(cwd).found?.path === join(dataDirectory, 'dev.json');
  } catch {
    return false; // a dev file that cannot be read: wipctl would fail at it as well
  }
}
