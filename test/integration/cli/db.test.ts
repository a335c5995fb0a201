import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { startEmbeddedPostgres } from '../../../controlplane/postgres/embedded-postgres.ts';
import { migrate } from '../../../controlplane/store/migrate.ts';
import { saveStep, type NewLog } from '../../../controlplane/store/tasks/save-step.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { CommandLine, type CommandResult } from '../../kit/programs/command-line.ts';
import { makeServerDirectory } from '../../kit/database/database-server.ts';
import { startTestDatabases, type TestDatabase, type TestDatabases } from '../../kit/database/database.ts';
import { contentOf } from '../../kit/database/dump.ts';
import { RecordingLog } from '../../kit/recording-log.ts';
import { addBasic, startedTask } from '../../kit/database/store.ts';

const MAIN = fileURLToPath(new URL('../../../controlplane/main.ts', import.meta.url));

// All tests share one server and one dump, because filling a database with enough data takes seconds. No test changes
// it.
let databases: TestDatabases;
let source: TestDatabase;
let sourceDirectory: string;
beforeAll(async () => {
  databases = await startTestDatabases();
  source = await databases.fresh();
  await fill(source);
  sourceDirectory = mkdtempSync(join(tmpdir(), 'wip-dump-'));
  cli = new CommandLine();
  cli.cwd = sourceDirectory;
  const result = await on(source, 'dump', 'all.dump');
  expect([result.exitCode, result.err]).toEqual([0, '']);
});
afterAll(async () => {
  await databases.close();
  rmSync(sourceDirectory, { recursive: true });
});

let directory: string;
let cli: CommandLine;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wip-dump-'));
  cli = new CommandLine();
  cli.cwd = directory;
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Copies the dump of `source` into the directory of the test. Returns its path. */
function dumpedFile(): string {
  const file = join(directory, 'all.dump');
  copyFileSync(join(sourceDirectory, 'all.dump'), file);
  return file;
}

function on(database: Pick<TestDatabase, 'url'>, ...argv: string[]): Promise<CommandResult> {
  cli.environment = { WIP_DATABASE_URL: database.url };
  return cli.run('db', ...argv);
}

/** Returns the settings without those that a restore makes: that it was one, and into which database. */
function withoutRestore(settings: readonly string[]): readonly string[] {
  return settings.filter((row) => !/^\((restored|database),/.test(row));
}

function expectRefusal(result: CommandResult, exitCode: number, code: string): void {
  expect([result.exitCode, result.out]).toEqual([exitCode, '']);
  expect(result.err).toMatch(new RegExp(`^wipctl: .+\\. .+\\. \\[${code}\\]\\n$`));
}

/** Fills the database with an ended task that has logged much. */
async function fill({ db }: TestDatabase): Promise<void> {
  const task = await startedTask(db);
  // Enough for several batches, several chunks of the compressed file, and lines that cross their borders.
  const words = Array.from({ length: 2_500 }, (_, index) => `line ${index * 7919}`).join('\n');
  const lineOf = (index: number): NewLog => ({
    level: 5,
    message: `${index} ü ${words.slice(index)}`,
    isUserReadable: true,
  });
  for (let first = 0; first < 250; first += 50) {
    const logs = Array.from({ length: 50 }, (_, index) => lineOf(first + index));
    await saveStep(db, task, { logs, next: { kind: 'entering', state: 'work' } });
  }
  await saveStep(db, task, { next: { kind: 'complete' } });
}

describe('wipctl db', () => {
  it('dumps into a file for its owner only, and restores the same', async () => {
    const file = join(sourceDirectory, 'all.dump');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b])); // gzip, RFC 1952
    const other = await databases.fresh();
    dumpedFile();
    const restored = await on(other, 'restore', 'all.dump');
    expect(restored.out).toMatch(/^Restored 253 rows as they were at \S+\. Start the nodes; .*confirm-restore"\.\n$/);
    const [before, after] = [await contentOf(source.db), await contentOf(other.db)];
    expect({ ...after, setting: withoutRestore(after['setting']!) }).toEqual(before);
    expectRefusal(await on(other, 'restore', 'all.dump'), 4, 'DATABASE_NOT_EMPTY');
  });

  it('says in JSON what was done, and overwrites no dump', async () => {
    const file = dumpedFile();
    expectRefusal(await on(source, 'dump', 'all.dump'), 2, 'USAGE');
    const again = JSON.parse((await on(source, 'dump', 'again.dump', '--json')).out) as object;
    expect(again).toEqual({ file: join(directory, 'again.dump'), tasks: 1, rows: 253, bytes: expect.any(Number) });
    expect(statSync(file).size).toBeGreaterThan(1_000);
    expect(existsSync(`${file}.unfinished`)).toBe(false);
  });

  it('refuses a damaged file and leaves the database empty', async () => {
    const file = dumpedFile();
    const bytes = readFileSync(file);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length >> 1]! ^= 0xff;
    const checksum = Buffer.from(bytes);
    checksum[bytes.length - 8]! ^= 1; // only the CRC in gzip's trailer is wrong: every line is intact
    const other = await databases.fresh();
    const before = await contentOf(other.db);
    for (const damaged of [bytes.subarray(0, -20), flipped, checksum, Buffer.from('no gzip'), Buffer.alloc(0)]) {
      writeFileSync(join(directory, 'damaged.dump'), damaged);
      expectRefusal(await on(other, 'restore', 'damaged.dump'), 4, 'DUMP_UNUSABLE');
      expect(await contentOf(other.db)).toEqual(before);
    }
    const restored = await on(other, 'restore', 'all.dump', '--json');
    expect(JSON.parse(restored.out)).toMatchObject({ rows: 253, installationId: expect.any(String) as string });
  });

  it('dumps to standard output and restores from standard input: "-" was a file of that name', async () => {
    const dumped = await on(source, 'dump', '-');
    expect(dumped.exitCode).toBe(0);
    expect(dumped.err).toMatch(/^Dumped 1 tasks, 253 rows in all, into standard output \(\d+ bytes\)\. The master key/);
    expect(readdirSync(directory)).toEqual([]);
    const bytes = cli.out.bytes;
    expect(dumped.err).toContain(`(${bytes.length} bytes)`);
    cli.inputBytes = bytes;
    const other = await databases.fresh();
    const restored = await on(other, 'restore', '-', '--json');
    expect(JSON.parse(restored.out)).toMatchObject({ file: '-', rows: 253 });
    const [before, after] = [await contentOf(source.db), await contentOf(other.db)];
    expect({ ...after, setting: withoutRestore(after['setting']!) }).toEqual(before);
  });

  it('refuses a dump from standard input that was cut off, and leaves the database empty', async () => {
    const other = await databases.fresh();
    const before = await contentOf(other.db);
    for (const cut of [readFileSync(dumpedFile()).subarray(0, -20), Buffer.alloc(0)]) {
      cli.inputBytes = cut;
      expectRefusal(await on(other, 'restore', '-'), 4, 'DUMP_UNUSABLE');
      expect(await contentOf(other.db)).toEqual(before);
    }
  });

  it('writes no dump onto a terminal, and no JSON into a dump', async () => {
    expectRefusal(await on(source, 'dump', '-', '--json'), 2, 'USAGE');
    cli.terminal = { columns: 80 };
    const onTerminal = await on(source, 'dump', '-');
    expect([onTerminal.exitCode, onTerminal.out]).toEqual([2, '']);
  });

  it('dumps into a pipe of the shell and into /dev/stdout, which were refused as "there already"', async () => {
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    const read = readFile(join(directory, 'pipe'));
    const dumped = await on(source, 'dump', 'pipe');
    expect([dumped.exitCode, dumped.out]).toEqual([0, '']);
    cli.inputBytes = await read;
    expect(JSON.parse((await on(await databases.fresh(), 'restore', '-', '--json')).out)).toMatchObject({ rows: 253 });
    const command = '"$NODE" "$MAIN" db dump /dev/stdout | cat > piped.dump';
    const environment = { ...process.env, WIP_DATABASE_URL: source.url, NODE: process.execPath, MAIN };
    execFileSync('sh', ['-c', command], { cwd: directory, env: environment, stdio: 'pipe' });
    const restored = await on(await databases.fresh(), 'restore', 'piped.dump', '--json');
    expect(JSON.parse(restored.out)).toMatchObject({ rows: 253 });
    expectRefusal(await on(source, 'dump', 'pipe', '--json'), 2, 'USAGE');
  });

  it('says what is not there: the file, its directory, the database', async () => {
    const database = await databases.fresh();
    expectRefusal(await on(database, 'restore', 'none.dump'), 2, 'USAGE');
    expectRefusal(await on(database, 'dump', 'none/all.dump'), 2, 'USAGE');
    expectRefusal(await on({ url: 'postgres://nobody@127.0.0.1:1/none' }, 'dump', 'x'), 69, 'DATABASE_UNAVAILABLE');
    expectRefusal(await on(database, 'dump', 'x', '--data', 'nowhere'), 69, 'DATA_DIRECTORY_UNUSABLE');
    expect(existsSync(join(directory, 'x'))).toBe(false);
  });
});

describe('wipctl db with embedded databases', () => {
  const OPTIONS = { log: new RecordingLog(), clock: systemClock };
  let places: string[];
  beforeEach(async () => {
    places = [await makeServerDirectory(), await makeServerDirectory()];
  });
  afterEach(async () => {
    for (const place of places) await rm(place, { recursive: true, force: true });
  });

  it('dumps a running one and a stopped one, restores into a new one, and not under a node', async () => {
    const [from = '', to = ''] = places;
    const server = await startEmbeddedPostgres({ ...OPTIONS, directory: from });
    const { db, close } = openDatabase(server.url, { poolSize: 2 });
    await migrate(db);
    await addBasic(db, { title: 'kept' });
    const running = await cli.run('db', 'dump', 'running.dump', '--data', from);
    expectRefusal(await cli.run('db', 'restore', 'running.dump', '--data', from), 69, 'DATA_DIRECTORY_LOCKED');
    await close();
    await server.close();
    const stopped = await cli.run('db', 'dump', 'stopped.dump', '--data', from);
    const restored = await cli.run('db', 'restore', 'stopped.dump', '--data', to);
    expect([running, stopped, restored]).toMatchObject(Array(3).fill({ exitCode: 0, err: '' }));
    const second = await startEmbeddedPostgres({ ...OPTIONS, directory: to });
    const reopened = openDatabase(second.url, { poolSize: 2 });
    expect(await reopened.db.selectFrom('task').select('title').execute()).toEqual([{ title: 'kept' }]);
    await reopened.close();
    await second.close();
  });
});
