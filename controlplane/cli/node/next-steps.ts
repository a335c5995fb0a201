import { join } from 'node:path';
import { shellWord } from '../../../shared/support/shell-quote.ts';
import { findDevFile } from '../client/dev-file.ts';

export interface RunningDevelopment {
  readonly url: string;
  readonly dataDirectory: string;
  /** Where it was started. */
  readonly cwd: string;
  /** What a person is likely to do next. */
  readonly command: string;
}

/** Tells the next command, and before it whatever wipctl does not find by itself: it looks for `.wip` only. */
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
    return false; // another system's file, which cannot be read: wipctl would not get past it either
  }
}
