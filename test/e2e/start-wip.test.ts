import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../controlplane/store/database.ts';
import { findServer, type DatabaseServer } from '../kit/database/database-server.ts';
import { DUMP_CHECK } from '../kit/kinds/dump-check.ts';
import { eventually } from '../kit/eventually.ts';
import { processesIn, useWorkplace } from '../kit/programs/program.ts';
import { shortSocketDirectory } from '../../shared/system/agent-files.ts';
import { startWip } from '../testkit/start-wip.ts';
import type { StartedWip, StartWipOptions } from '../testkit/started-wip.ts';

const dump = '/dev/null';
const KIND_FILE = path.join(import.meta.dirname, '../kit/kinds/dump-check.ts');

/** Files of /dev/shm in which embedded servers below the directory have their shared memory. */
function sharedMemoryOf(directory: string): string[] {
  const pids = processesIn(directory).map(({ pid }) => pid);
  const mapped = pids.flatMap((pid) => readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n'));
  const files = mapped.map((line) => /\/dev\/shm\/PostgreSQL\.\d+/.exec(line)?.[0]);
  return [...new Set(files.filter((file) => file !== undefined))];
}

/** Where agents below the directory have their sockets: the path of this test is too long for one. */
function socketDirectories(directory: string): string[] {
  const [system = ''] = readdirSync(directory).filter((name) => /^wip-testkit-\w+$/.test(name));
  const tasks = path.join(directory, system, 'ecs', 'tasks');
  return readdirSync(tasks)
    .map((task) => shortSocketDirectory(path.join(tasks, task)))
    .filter((socket) => existsSync(socket));
}

async function databasesOf(url: string): Promise<string[]> {
  const { db, close } = openDatabase(url, { poolSize: 1 });
  const { rows } = await sql<{ name: string }>`
    SELECT datname AS name FROM pg_database WHERE starts_with(datname, 'wip_testkit_')
  `.execute(db);
  await close();
  return rows.map(({ name }) => name);
}

describe('startWip', () => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await findServer();
  });
  afterAll(() => server.close([]));

  /** The tests share one server: an embedded one takes seconds to start. */
  const start = (options: StartWipOptions = {}): Promise<StartedWip> =>
    startWip({ kinds: [DUMP_CHECK], databaseUrl: server.url, ...options });

  it('runs a class of its own in the real engine, with agents by a script', async () => {
    await using wip = await start({ script: { processes: { read: { exitCode: 1, stderr: 'invalid header' } } } });
    const bad = await wip.addTask(DUMP_CHECK, { dump });
    expect(await wip.until(bad)).toMatchObject({
      exitStatus: 'ERROR_USER',
      exitMessage: 'The dump cannot be read: invalid header.',
    });
    const good = await wip.addTask(DUMP_CHECK, { dump }, { script: {} });
    expect(await wip.until(good)).toMatchObject({ exitStatus: 'COMPLETED' });
    expect(wip.processes).toEqual([
      { taskId: bad.id, name: 'read', state: 'read' },
      { taskId: good.id, name: 'read', state: 'read' },
    ]);
    await wip.close();
    expect(existsSync(wip.logFile)).toBe(false);
  });

  it('kills a node in the middle of a task, and another one brings it to its end', async () => {
    await using wip = await start({ script: { processes: { read: { runsFor: '1 s' } } } });
    const { id } = await wip.addTask(DUMP_CHECK, { dump });
    await wip.until(id, { state: 'read' });
    await wip.kill();
    expect(wip.nodes).toEqual([]);
    await expect(wip.kill()).rejects.toThrow('kill: no node lives; start one with startNode()');
    await expect(wip.until(id, 'end', 0.001)).rejects.toThrow(
      'within 0.001 s. No node lives: start one with startNode()',
    );
    expect(await wip.startNode()).toBe('node-2');
    expect(await wip.until(id)).toMatchObject({ exitStatus: 'COMPLETED' });
    expect(wip.processes.map(({ name }) => name)).toEqual(['read']);
  });

  it('kills a node that is a process of its own', async () => {
    await using wip = await start({
      nodesRun: 'processes',
      kinds: [KIND_FILE],
      script: { processes: { read: { runsFor: '1 s' } } },
    });
    const { id } = await wip.addTask(DUMP_CHECK, { dump });
    await wip.until(id, { state: 'read' });
    await wip.kill('node-1');
    await wip.startNode();
    expect(await wip.until(id)).toMatchObject({ exitStatus: 'COMPLETED' });
  });

  it('lets ECS fail: no room at first, then a container that is killed for its memory', async () => {
    await using wip = await start({ speed: 20, script: { processes: { read: { runsFor: 'forever' } } } });
    await wip.localEcs.inject({ kind: 'no-placement', reason: 'RESOURCE:MEMORY', times: 1 });
    const { id } = await wip.addTask(DUMP_CHECK, { dump });
    await expect(wip.localEcs.inject({ kind: 'crash', task: id + 1 })).rejects.toThrow('has no container now');
    await wip.until(id, { state: 'read' });
    await wip.localEcs.inject({ kind: 'crash', task: id, reason: 'OutOfMemoryError: Container killed' });
    expect(await wip.until(id)).toMatchObject({ cause: 'out-of-memory' });
  });

  it.each([
    ['that is taken back', { spotAfter: '10 s' }, 'forever', { fault: 'spot' }],
    ['that refuses connections at first', { sshRefusals: 3 }, '20 s', { exitStatus: 'COMPLETED' }],
    ['that does not stop when it is asked to', { shutdown: 'ignores' }, '20 s', { exitStatus: 'COMPLETED' }],
    ['that is never ready', { readyAfter: 'never' }, '20 s', { exitStatus: 'ERROR_SYSTEM' }],
  ] as const)('plays a container %s', async (_name, container, runsFor, end) => {
    await using wip = await start({ speed: 100, script: { container, processes: { read: { runsFor } } } });
    const { id } = await wip.addTask(DUMP_CHECK, { dump });
    expect(await wip.until(id)).toMatchObject(end);
  });

  it('lets a minute pass in a second', async () => {
    await using wip = await start({ speed: 60, script: { processes: { read: { runsFor: '1 m' } } } });
    const { id } = await wip.addTask(DUMP_CHECK, { dump });
    const { startedAt, completedAt, exitStatus } = await wip.until(id);
    expect(exitStatus).toBe('COMPLETED');
    expect(Date.parse(completedAt!) - Date.parse(startedAt!)).toBeGreaterThanOrEqual(60_000);
  });

  it('says where a task is that does not come to what is awaited, and keeps the log', async () => {
    const wip = await start({ script: { processes: { read: { runsFor: 'forever' } } } });
    const { id } = await wip.addTask(DUMP_CHECK, { dump });
    await wip.until(id, { state: 'read' });
    const failure = wip.until(id, { state: 'dumpIsBad' }, '1 ms');
    await expect(failure).rejects.toThrow(
      /did not come to the state dumpIsBad within 0\.001 s\. It is in the state read/,
    );
    await expect(failure).rejects.toThrow(/=> read\n/);
    await wip.close();
    expect(readFileSync(wip.logFile, 'utf8')).toContain('control plane is ready');
    rmSync(wip.logFile);
  });

  it('names a process that a strict script does not name', async () => {
    await using wip = await start({ script: { strict: true, processes: { raed: {} } } });
    const { id } = await wip.addTask(DUMP_CHECK, { dump });
    await expect(wip.until(id)).rejects.toThrow('"read" in the state read, which the strict script does not name');
    await wip.close(); // a node that ends writes into the log
    rmSync(wip.logFile);
  });

  it.each([
    [{ script: { container: { missingFor: '3 s' } } }, 'container.missingFor is done by simulateTask only'],
    [{ agents: 'process', script: {} }, 'only simulated agents have scripts'],
    [{ nodesRun: 'processes', kinds: [DUMP_CHECK] }, 'a process cannot be handed the class DumpCheck'],
    [{ agents: 'process', speed: 2 }, 'the time of processes is real'],
  ] as const)('refuses options that cannot go together: %#', async (options, why) => {
    await expect(start(options)).rejects.toThrow(why);
  });

  it.each<[string, object, string]>([
    ['a misspelt option', { node: 2 }, 'node: is not known; perhaps "nodes" is meant'],
    ['no nodes', { nodes: 0 }, 'nodes: must be at least 1, and is 0'],
    ['agents of a third kind', { agents: 'real' }, 'agents: must be one of simulated, process, and is "real"'],
    [
      'a misspelt setting',
      { settings: { lease_second: 5 } },
      'settings.lease_second: is not known; perhaps "lease_seconds"',
    ],
    ['a setting out of its bounds', { settings: { lease_seconds: -1 } }, 'settings.lease_seconds: '],
    [
      'a misspelt part of the script',
      { script: { proceses: {} } },
      'proceses: is not known; perhaps "processes" is meant',
    ],
    [
      'an end at no state',
      { script: { container: { end: { at: 'raed', cause: 'crash' } } } },
      '"raed" can never be reached',
    ],
    [
      'a database that cannot be reached',
      { databaseUrl: 'postgres://me:secret@127.0.0.1:1/postgres' },
      'databaseUrl: no database can be made on the PostgreSQL server 127.0.0.1:1: connect ECONNREFUSED',
    ],
    [
      'a setting that it decides',
      { settings: { database_url: 'postgres://127.0.0.1/mine' } },
      'settings.database_url: startWip decides this one; give the server as databaseUrl',
    ],
    [
      'an entrypoint that is no absolute path',
      { agents: 'process', entrypoint: ['./entry.sh'] },
      'entrypoint: "./entry.sh" is no absolute path',
    ],
    [
      'an entrypoint that is not there',
      { agents: 'process', entrypoint: ['/nonexistent/entry.sh'] },
      'entrypoint: /nonexistent/entry.sh cannot be run: ENOENT',
    ],
    ['an address of no database', { databaseUrl: 'nope' }, 'databaseUrl: must be an address such as postgres://'],
    ['a kind that is none', { kinds: [{}] }, 'The kind of task is an object'],
    [
      'a kind that has the name of another',
      { kinds: [DUMP_CHECK, { ...DUMP_CHECK }] },
      '"DumpCheck" is the name of another',
    ],
    [
      'a kind that no node takes',
      { kinds: [{ ...DUMP_CHECK, version: 1.5 }] },
      'is refused: version: it must be a whole',
    ],
    ['a file that is not there', { kinds: ['./no-such-kind.ts'] }, 'There is no file'],
  ])('refuses %s before anything starts', async (_what, options, sentence) => {
    await expect(start(options)).rejects.toThrow(sentence);
  });

  it('runs real agents as processes', async () => {
    await using wip = await start({ agents: 'process' });
    const { id } = await wip.addTask(DUMP_CHECK, { dump });
    expect(await wip.until(id)).toMatchObject({ exitStatus: 'COMPLETED', exitMessage: 'The dump can be read.' });
  });

  it('leaves nothing behind when the process of the test is killed', async () => {
    const place = useWorkplace();
    const program = place.start('test/kit/kinds/abandoned-wip.ts', []);
    await program.says('a container is ready');
    const left = (): string[] => readdirSync(place.directory).filter((name) => name.startsWith('wip-testkit-'));
    expect(left()).toHaveLength(2); // its directory and its log
    const segments = sharedMemoryOf(place.directory);
    expect(segments).not.toEqual([]);
    const [socket] = socketDirectories(place.directory);
    program.signal('SIGKILL');
    await program.ended;
    await eventually('nothing is left', () => left().length === 0 && processesIn(place.directory).length === 0);
    expect(segments.filter((file) => existsSync(file))).toEqual([]);
    expect(socket).toBeDefined();
    expect(existsSync(socket!)).toBe(false);
  });

  it('leaves no database on a server that was given when the process of the test is killed', async () => {
    const place = useWorkplace();
    const program = place.start('test/kit/kinds/abandoned-wip.ts', [server.url]);
    await program.says('a container is ready');
    const [abandoned] = await databasesOf(server.url);
    expect(abandoned).toBeDefined();
    program.signal('SIGKILL');
    await program.ended;
    await using next = await eventually('the server has noticed', async () => {
      const started = await start();
      if (!(await databasesOf(server.url)).includes(abandoned!)) return started;
      await started.close();
      return null;
    });
    expect(next.nodes).toHaveLength(1);
  });

  it('is refused to go on with after its end', async () => {
    const wip = await start();
    const task = await wip.addTask(DUMP_CHECK, { dump }, { script: { processes: { read: { runsFor: 'forever' } } } });
    const waits = wip.until(task);
    const node = wip.startNode();
    const closed = [wip.close(), wip.close()];
    await expect(waits).rejects.toThrow('until: the system was closed; start another one with startWip');
    expect(await node).toBe('node-2');
    await Promise.all(closed);
    await expect(wip.startNode()).rejects.toThrow('startNode: the system was closed');
    await expect(wip.kill()).rejects.toThrow('kill: the system was closed');
    await expect(wip.addTask(DUMP_CHECK, { dump })).rejects.toThrow('addTask: the system was closed');
    await expect(wip.localEcs.inject({ kind: 'crash', task: task.id })).rejects.toThrow(
      'inject: the system was closed',
    );
    expect(existsSync(wip.logFile)).toBe(false);
  });

  it('says what of a fault, or of what is awaited, cannot be', async () => {
    await using wip = await start();
    const { id } = await wip.addTask(DUMP_CHECK, { dump });
    await wip.until(id);
    await expect(wip.localEcs.inject({ kind: 'crash', task: 'arn:aws:ecs:x' })).rejects.toThrow(
      'The fault cannot happen: There is no task arn:aws:ecs:x.',
    );
    await expect(wip.until(Promise.resolve({ id }) as never)).rejects.toThrow('write "await" before addTask');
    await expect(wip.until(id, 'end', '3 parsecs')).rejects.toThrow('until: the time within which: "3 parsecs" is no');
    await wip.close();
    expect(existsSync(wip.logFile)).toBe(false); // a mistake of the test is nothing to read the log for
  });
});
