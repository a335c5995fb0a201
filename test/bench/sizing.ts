import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { sql } from 'kysely';
import { startLocalEcs, type LocalEcs } from '../../controlplane/localecs/start-local-ecs.ts';
import { EcsClusterStore } from '../../controlplane/store/clusters/ecs-cluster-store.ts';
import { localCluster } from '../../controlplane/store/clusters/local-cluster.ts';
import { openDatabase } from '../../controlplane/store/database.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import type { Db } from '../../controlplane/store/schema.ts';
import { addApiToken } from '../../controlplane/store/settings/api-tokens.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { EXIT_STATUS } from '../../shared/model/status.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { createLogger } from '../../shared/system/logger.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { createSimulatedLauncher } from '../testkit/agent/simulated-launcher.ts';
import { simulatedBuild } from '../testkit/agent/simulated-build.ts';
import { startBenchNode } from './bench-node.ts';
import { withServer, type BenchServer } from './bench-server.ts';
import type { Table } from './measure.ts';
import { peakMegabytes, processorSeconds, processorSecondsOfTree } from './processor-time.ts';

const BUILDS = 50;
const BOUND_MS = 180_000;
const LOOK_MS = 250;
const MIB = 1024 * 1024;
const LINE = 'a line of a build that says what it does, some eighty characters long, as most\n';

/** What a build does that its size in the database depends on. */
interface Load {
  readonly name: string;
  readonly seconds: number;
  readonly heartbeatSeconds: number;
  readonly outputBytes: number;
}

const LOADS: readonly Load[] = [
  { name: 'says one line', seconds: 5, heartbeatSeconds: 30, outputBytes: LINE.length },
  { name: 'writes 1 MiB', seconds: 5, heartbeatSeconds: 30, outputBytes: MIB },
  { name: 'reports usage 20 times', seconds: 20, heartbeatSeconds: 1, outputBytes: LINE.length },
];

interface Sizes {
  readonly bytes: number;
  readonly rows: number;
}

/** Measures what a build costs the record and the processors: the figures of docker/sizing.md. Agents are simulated. */
export async function benchSizing(): Promise<Table[]> {
  return withServer(async (server) => {
    const lines: string[][] = [];
    const tables: string[][] = [];
    for (const [index, load] of LOADS.entries()) {
      const url = await server.createDatabase(`load_${index}`);
      const { line, largest } = await runLoad({ ...server, url }, load);
      lines.push(line);
      tables.push([load.name, largest]);
    }
    return [
      {
        title: `each of ${BUILDS} builds at once, one node, PostgreSQL beside it`,
        columns: ['a build that', 'rows', 'KB', 'node, CPU s', 'database, CPU s', 'connections', 'node, peak MB'],
        rows: lines,
      },
      { title: 'the tables that grew most', columns: ['a build that', 'rows and KB a build'], rows: tables },
    ];
  });
}

async function runLoad(server: BenchServer, load: Load): Promise<{ line: string[]; largest: string }> {
  const launcher = createSimulatedLauncher({
    behave: simulatedBuild(() => ({
      runsFor: load.seconds,
      stdout: LINE.repeat(Math.ceil(load.outputBytes / LINE.length)),
    })),
    clock: systemClock,
    random: Math.random,
    log: new RecordingLog(),
  });
  const ecs = await startLocalEcs({
    directory: path.join(server.directory, load.name.replaceAll(' ', '-')),
    launcher,
    resources: { cpu: 4_096_000, memory: 16_384_000 },
    closeGraceMs: 0,
    clock: systemClock,
    log: createLogger('local ecs', 'silent'),
  });
  const { db, close } = openDatabase(server.url, { poolSize: 1, applicationName: 'bench' });
  try {
    return await measureBuilds({ server, db, ecs, load });
  } finally {
    for (const agent of launcher.agents.values()) agent.kill();
    await ecs.close();
    await close();
  }
}

interface LoadPlace {
  readonly server: BenchServer;
  readonly db: Db;
  readonly ecs: LocalEcs;
  readonly load: Load;
}

async function measureBuilds({ server, db, ecs, load }: LoadPlace): Promise<{ line: string[]; largest: string }> {
  const masterKey = randomBytes(32);
  const token = randomBytes(32).toString('base64url');
  await migrate(db);
  await new EcsClusterStore(db, new Secret(masterKey)).save(localCluster(ecs));
  await addApiToken(db, { name: 'bench', role: 'admin', tokenHash: sha256Hex(token) });
  await setGroup(db, { name: 'BuildSteps', maxRunning: BUILDS });
  const settings = { WIP_HEARTBEAT_SECONDS: String(load.heartbeatSeconds) };
  const node = await startBenchNode({ databaseUrl: server.url, directory: server.directory, masterKey, settings });
  try {
    // The definition, the keys of the installation and the plans are there before the first measured build.
    await addBuilds(node.url, token, 1);
    await untilEnded(db, 1);
    const before = await readSizes(db);
    const spent = { node: processorSeconds([node.pid]), database: processorSecondsOfTree(server.pid) };
    await addBuilds(node.url, token, BUILDS);
    const connections = await untilEnded(db, BUILDS + 1);
    const after = await readSizes(db);
    const grown = [...after]
      .map(([name, { bytes, rows }]) => ({
        name,
        bytes: (bytes - (before.get(name)?.bytes ?? 0)) / BUILDS,
        rows: (rows - (before.get(name)?.rows ?? 0)) / BUILDS,
      }))
      .toSorted((a, b) => b.bytes - a.bytes);
    const sum = (pick: (each: { bytes: number; rows: number }) => number): number =>
      grown.reduce((total, each) => total + pick(each), 0);
    const nodeSeconds = (processorSeconds([node.pid]) - spent.node) / BUILDS;
    const databaseSeconds = (processorSecondsOfTree(server.pid) - spent.database) / BUILDS;
    const kilobytes = (bytes: number): string => (bytes / 1_000).toFixed(1);
    return {
      line: [
        load.name,
        sum(({ rows }) => rows).toFixed(1),
        kilobytes(sum(({ bytes }) => bytes)),
        nodeSeconds.toFixed(3),
        databaseSeconds.toFixed(3),
        String(connections),
        peakMegabytes(node.pid).toFixed(0),
      ],
      largest: grown
        .filter(({ rows }) => rows >= 1)
        .map(({ name, rows, bytes }) => `${name} ${rows.toFixed(1)} rows, ${kilobytes(bytes)} KB`)
        .join('; '),
    };
  } finally {
    await node.close();
  }
}

async function addBuilds(url: string, token: string, count: number): Promise<void> {
  for (let build = 0; build < count; build += 1) {
    // Each build has its own path, because builds of the same path run one at a time.
    const options = { vcsUri: 'file:///nowhere', vcsPath: `branch-${count}-${build}` };
    const answer = await fetch(new URL('/v1/tasks', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'BuildSteps', options }),
    });
    if (!answer.ok) throw new Error(`a build was answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  }
}

/** Returns the most connections of the node that were open at one moment. Throws when a build ends in another way. */
async function untilEnded(db: Db, count: number): Promise<number> {
  const startedMs = performance.now();
  let most = 0;
  while (performance.now() - startedMs < BOUND_MS) {
    const { rows } = await sql<{ ended: number; failed: string | null; open: number }>`
      SELECT (SELECT count(*) FROM task WHERE status = 3)::int AS ended,
        (SELECT exit_message FROM task WHERE status = 3 AND exit_status <> ${EXIT_STATUS.COMPLETED} LIMIT 1) AS failed,
        (SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name LIKE 'wip%')::int AS open`.execute(db);
    const [found] = rows;
    if (found?.failed) throw new Error(`a build did not complete: ${found.failed}`);
    most = Math.max(most, found?.open ?? 0);
    if (found?.ended === count) return most;
    await systemClock.sleep(LOOK_MS);
  }
  throw new Error(`${count} builds have not ended within ${BOUND_MS} ms`);
}

/** Sizes with indexes and what is stored aside, of tables without what updates have left behind. */
async function readSizes(db: Db): Promise<ReadonlyMap<string, Sizes>> {
  await sql`VACUUM (FULL, ANALYZE)`.execute(db);
  const { rows } = await sql<{ name: string; bytes: number }>`
    SELECT relname AS name, pg_total_relation_size(oid) AS bytes FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`.execute(db);
  const sizes = new Map<string, Sizes>();
  for (const { name, bytes } of rows) {
    const counted = await sql<{ count: number }>`SELECT count(*) AS count FROM ${sql.table(name)}`.execute(db);
    sizes.set(name, { bytes, rows: counted.rows[0]?.count ?? 0 });
  }
  return sizes;
}
