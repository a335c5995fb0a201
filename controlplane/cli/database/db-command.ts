import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import { dumpDatabase } from '../../store/backup/dump-database.ts';
import { restoreDatabase } from '../../store/backup/restore-database.ts';
import { readVersion } from '../../version.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { commandGroup, examplesText } from '../command-help.ts';
import { statGivenPath } from '../given-path.ts';
import {
  isWrittenThrough,
  readDump,
  readDumpFile,
  writeDumpFile,
  writeDumpOut,
  writeDumpThrough,
} from './dump-file.ts';
import { withDatabase, type DatabaseLocation } from './with-database.ts';

interface DbOptions extends DatabaseLocation {
  readonly json?: boolean;
}

export function dbCommand(context: CliContext): Command {
  return commandGroup('db', 'Dump the database into a file, and restore it into any PostgreSQL.', [
    onDatabase('dump', 'Write the whole database into a new file; nodes can go on working.', [
      'db dump wip-2026-11-24.dump',
      'WIP_DATABASE_URL=postgres://wip@db/wip wipctl db dump wip.dump',
      'db dump - | ssh backup.example.org "cat > wip.dump"',
    ]).action((file: string, options: DbOptions) => dump(file, options, context)),
    onDatabase(
      'restore',
      'Fill an empty database from a dump, completely or not at all. Secrets need the master key that sealed them.',
      ['db restore wip-2026-11-24.dump --data .wip-restored'],
    ).action((file: string, options: DbOptions) => restore(file, options, context)),
  ]);
}

function onDatabase(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .argument('<file>', 'the dump: rows as JSON, compressed; - is standard output, or input')
    .addOption(new Option('--data <directory>', 'directory of an embedded database (or WIP_DATA_DIR; default .wip)'))
    .addOption(new Option('--config <file>', 'controlplane.yml that says where the database is (or WIP_CONFIG)'))
    .addOption(new Option('--json', 'print JSON for programs'))
    .addHelpText('after', examplesText(examples));
}

/** Stands for standard output or input in the place of a path. */
const STANDARD_STREAM = '-';

async function dump(given: string, options: DbOptions, context: CliContext): Promise<void> {
  const about = { version: readVersion(), at: context.clock.now() };
  const { name, isFile, write } = dumpTarget(given, options, context);
  const done = await withDatabase('existing', options, context, (db) => write((text) => dumpDatabase(db, about, text)));
  if (options.json) return writeJson(context, { file: name, ...done });
  // A pipe or device may be standard output under another name (/dev/stdout), so the message must not go there.
  (isFile ? context.out : context.err).write(
    `Dumped ${done.tasks} tasks, ${done.rows} rows in all, into ${name} (${done.bytes} bytes). The master key is not in it: keep that, too.\n`,
  );
}

type DumpCounts = Awaited<ReturnType<typeof dumpDatabase>>;

interface DumpTarget {
  readonly name: string;
  readonly isFile: boolean;
  readonly write: (
    produce: (write: (text: string) => Promise<void>) => Promise<DumpCounts>,
  ) => Promise<DumpCounts & { readonly bytes: number }>;
}

/** Returns the target of a dump. Throws USAGE, before the database is opened, for a path to which no dump can be written. */
function dumpTarget(given: string, options: DbOptions, context: CliContext): DumpTarget {
  if (given === STANDARD_STREAM) {
    refuseMixedOutput(options, context);
    return { name: 'standard output', isFile: false, write: (produce) => writeDumpOut(context.out, produce) };
  }
  const name = resolve(context.cwd, given);
  const there = statGivenPath(name);
  if (there === undefined) return { name, isFile: true, write: (produce) => writeDumpFile(name, produce) };
  if (isWrittenThrough(there)) {
    refuseJson(options);
    return { name, isFile: false, write: (produce) => writeDumpThrough(name, produce) };
  }
  throw new OperationalError('USAGE', {
    happened: `${name} is there already and was left as it is`,
    remedy: 'Name a new file, or - for standard output',
  });
}

function refuseMixedOutput(options: DbOptions, { out }: CliContext): void {
  refuseJson(options);
  if (out.isTerminal) {
    throw new OperationalError('USAGE', {
      happened: 'A dump is compressed, and standard output is a terminal',
      remedy: 'Pipe it into a program, as in "wipctl db dump - > wip.dump", or name a file',
    });
  }
}

/** Throws USAGE for --json when the dump itself goes to the output: its text would get between the bytes of the dump. */
function refuseJson({ json }: DbOptions): void {
  if (!json) return;
  throw new OperationalError('USAGE', {
    happened: 'The dump goes to standard output or to a pipe, so there is no room for JSON beside it',
    remedy: 'Leave out --json, or name a new file',
  });
}

async function restore(given: string, options: DbOptions, context: CliContext): Promise<void> {
  const file = given === STANDARD_STREAM ? given : resolve(context.cwd, given);
  const done = await withDatabase('exclusive', options, context, (db) => {
    const fill = (lines: AsyncIterable<string>): ReturnType<typeof restoreDatabase> =>
      restoreDatabase(db, lines, context.clock.now());
    return given === STANDARD_STREAM ? readDump(context.inputBytes(), fill) : readDumpFile(file, fill);
  });
  const { installationId, at: dumpedAt, rows } = done;
  if (options.json) return writeJson(context, { file, installationId, dumpedAt, rows });
  context.out.write(
    `Restored ${rows} rows as they were at ${dumpedAt}. Start the nodes; containers that no task owns are only reported until you say "wipctl ecs confirm-restore".\n`,
  );
}
