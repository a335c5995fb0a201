import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import { dumpDatabase } from '../../store/backup/dump-database.ts';
import { restoreDatabase } from '../../store/backup/restore-database.ts';
import { readVersion } from '../../version.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { commandGroup, examplesText } from '../command-help.ts';
import { readDumpFile, writeDumpFile } from './dump-file.ts';
import { withDatabase, type DatabaseLocation } from './with-database.ts';

interface DbOptions extends DatabaseLocation {
  readonly json?: boolean;
}

export function dbCommand(context: CliContext): Command {
  return commandGroup('db', 'Dump the database into a file, and restore it into any PostgreSQL.', [
    onDatabase('dump', 'Write the whole database into a new file; nodes can go on working.', [
      'db dump wip-2026-11-24.dump',
      'WIP_DATABASE_URL=postgres://wip@db/wip wipctl db dump wip.dump',
    ]).action((file: string, options: DbOptions) => dump(resolve(context.cwd, file), options, context)),
    onDatabase(
      'restore',
      'Fill an empty database from a dump, completely or not at all. Secrets need the master key that sealed them.',
      ['db restore wip-2026-11-24.dump --data .wip-restored'],
    ).action((file: string, options: DbOptions) => restore(resolve(context.cwd, file), options, context)),
  ]);
}

function onDatabase(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .argument('<file>', 'the dump: rows as JSON, compressed')
    .addOption(new Option('--data <directory>', 'directory of an embedded database (or WIP_DATA_DIR; default .wip)'))
    .addOption(new Option('--config <file>', 'controlplane.yml that says where the database is (or WIP_CONFIG)'))
    .addOption(new Option('--json', 'print JSON for programs'))
    .addHelpText('after', examplesText(examples));
}

async function dump(file: string, options: DbOptions, context: CliContext): Promise<void> {
  if (existsSync(file)) {
    throw new OperationalError('USAGE', {
      happened: `${file} is there already and was left as it is`,
      remedy: 'Name a new file',
    });
  }
  const about = { version: readVersion(), at: context.clock.now() };
  const done = await withDatabase('as it is', options, context, (db) =>
    writeDumpFile(file, (write) => dumpDatabase(db, about, write)),
  );
  if (options.json) return writeJson(context, { file, ...done });
  context.out.write(
    `Dumped ${done.tasks} tasks, ${done.rows} rows in all, into ${file} (${done.bytes} bytes). The master key is not in it: keep that, too.\n`,
  );
}

async function restore(file: string, options: DbOptions, context: CliContext): Promise<void> {
  const done = await withDatabase('for ourselves', options, context, (db) =>
    readDumpFile(file, (lines) => restoreDatabase(db, lines, context.clock.now())),
  );
  const { installationId, at: dumpedAt, rows } = done;
  if (options.json) return writeJson(context, { file, installationId, dumpedAt, rows });
  context.out.write(
    `Restored ${rows} rows as they were at ${dumpedAt}. Start the nodes; containers that no task owns are only reported until you say "wipctl ecs confirm-restore".\n`,
  );
}
