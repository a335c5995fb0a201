import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { parseStateTable } from '../statetable/parse-table.ts';
import type { StateTable } from '../statetable/table.ts';
import type { BasicWip } from '../tasks/basic-wip.ts';
import { SHIPPED_KINDS } from '../tasks/kinds.ts';

export interface TableSource {
  readonly table: StateTable;
  /** The class the table is of, when it was named and not read from a file. */
  readonly wip: BasicWip | undefined;
}

/** `given` is a file, or the name of a kind of task that Wip brings. */
export function readTable(given: string, cwd: string): TableSource {
  const kind = SHIPPED_KINDS.find((one) => one.kind === given);
  if (!kind) return { table: parseStateTable(readTextFile(resolve(cwd, given), kindsText())), wip: undefined };
  // Its table does not depend on the options of a task, so a task without any will do.
  const wip = kind.create({ uuid: '00000000-0000-0000-0000-000000000000', options: {} });
  return { table: parseStateTable(wip.getStateTable()), wip };
}

export function readTextFile(path: string, otherwise = ''): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `${path} cannot be read: ${messageOf(cause)}`,
      remedy: `Give a file that is there${otherwise}`,
      cause,
    });
  }
}

function kindsText(): string {
  return `, or one of ${SHIPPED_KINDS.map(({ kind }) => kind).join(', ')}`;
}
