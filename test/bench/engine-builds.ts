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
import { EXIT_STATUS, exitStatusOf, type ExitStatus } from '../../shared/model/status.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { createLogger } from '../../shared/system/logger.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import type { ServedNode } from '../testkit/system/served-node.ts';
import { simulatedBuild } from '../testkit/agent/simulated-build.ts';
import { createSimulatedLauncher } from '../testkit/agent/simulated-launcher.ts';
import { startBenchNode } from './bench-node.ts';
import { withServer, type BenchServer } from './bench-server.ts';
import { judgeFigure, quantile, type Finding, type BenchOptions } from './measure.ts';
import { peakMegabytes, processorSeconds, processorSecondsOfTree } from './processor-time.ts';
import { profileArguments, readProfile } from './profile.ts';
import { COUNTS_STATEMENTS, countStatements, readStatements } from './statements.ts';

const BUILDS = 1_000;
// ECS accepts 40 RunTask a second, so the last build begins when the first has run for half a minute or more. All of
// them run at once for a while.
const BUILD_SECONDS = 90;
const SUBMITTING_AT_ONCE = 8;
const ANSWER_P99_MS = 250;
const NODE_MEGABYTES = 350;
// Of the node and PostgreSQL together. The simulated agents and local ECS are in this process and not counted.
const BUILD_PROCESSOR_MS = 100;
const PROFILE = 'engine-builds';
const LOOK_MS = 1_000;
const MOST_COMPLAINTS = 12;
const BOUND_MS = 15 * 60_000;
// Room for all builds. The test of local ECS covers a full cluster.
const RESOURCES = { cpu: 4_096_000, memory: 16_384_000 };

/** Runs a thousand builds on one node with its own settings. Their agents are simulated, in this process. */
export async function benchBuilds({ count, profile }: BenchOptions): Promise<Finding[]> {
  return withServer(
    async (server) => {
      const launcher = createSimulatedLauncher({
        behave: simulatedBuild(() => ({ runsFor: BUILD_SECONDS, stdout: 'built\n' })),
        clock: systemClock,
        random: Math.random,
        log: new RecordingLog(),
      });
      const ecs = await startLocalEcs({
        directory: path.join(server.directory, 'ecs'),
        launcher,
        resources: RESOURCES,
        closeGraceMs: 0,
        clock: systemClock,
        log: createLogger('local ecs', 'silent'),
      });
      const { db, close } = openDatabase(server.url, { poolSize: 2 });
      try {
        return await runBuilds({ server, db, ecs, builds: count ?? BUILDS, profile });
      } finally {
        for (const agent of launcher.agents.values()) agent.kill();
        await ecs.close();
        await close();
      }
    },
    profile ? COUNTS_STATEMENTS : [],
  );
}

interface BuildsRun {
  readonly server: BenchServer;
  readonly db: Db;
  readonly ecs: LocalEcs;
  readonly builds: number;
  readonly profile: boolean;
}

async function runBuilds(run: BuildsRun): Promise<Finding[]> {
  const { server, db, ecs, builds, profile } = run;
  const masterKey = randomBytes(32);
  const token = randomBytes(32).toString('base64url');
  await prepare(db, { masterKey, token, ecs, builds });
  const nodeArgs = profile ? profileArguments(PROFILE) : [];
  const node = await startBenchNode({ databaseUrl: server.url, directory: server.directory, masterKey, nodeArgs });
  const measured: Finding[] = [];
  try {
    if (profile) await countStatements(db);
    measured.push(...(await measureBuilds(run, node, token)));
    if (profile) measured.push(await readStatements(db, builds, 'build'));
  } finally {
    await node.close();
  }
  return profile ? [...measured, readProfile(PROFILE)] : measured;
}

async function measureBuilds({ server, db, builds }: BuildsRun, node: ServedNode, token: string): Promise<Finding[]> {
  const before = { node: processorSeconds([node.pid]), database: processorSecondsOfTree(server.pid) };
  const startedMs = performance.now();
  const answersMs = await submitAll(node.url, token, builds);
  const submittedSeconds = (performance.now() - startedMs) / 1_000;
  const { mostAtOnce } = await untilAllEnded(db);
  const seconds = (performance.now() - startedMs) / 1_000;
  const nodeSeconds = processorSeconds([node.pid]) - before.node;
  const databaseSeconds = processorSecondsOfTree(server.pid) - before.database;
  const endings = await readEndings(db);
  const figure = (what: string, value: number, unit: string, beside = '', atMost = Infinity): Finding =>
    judgeFigure({ what: `${builds} builds at once: ${what}`, value, unit, beside, atMost });
  return [
    judgeFigure({
      what: `${builds} builds at once: ended COMPLETED`,
      value: endings.filter(({ name }) => name === 'COMPLETED').reduce((sum, { count }) => sum + count, 0),
      unit: 'of them',
      beside: `; ${endings.map(({ name, cause, count }) => `${count} ${name} (${cause})`).join(', ')}`,
      atLeast: builds,
    }),
    figure('to the end of the last', seconds, 's', `, of which a build takes ${BUILD_SECONDS} s`),
    figure('to the last answer that one was added', submittedSeconds, 's', `, ${SUBMITTING_AT_ONCE} at once`),
    figure('an answer, p50', quantile(answersMs, 0.5), 'ms'),
    figure('an answer, p99', quantile(answersMs, 0.99), 'ms', '', ANSWER_P99_MS),
    figure('builds that ran at one moment', mostAtOnce, 'of them'),
    figure('peak memory of the node', peakMegabytes(node.pid), 'MB', ' resident', NODE_MEGABYTES),
    figure(
      'processor of a build',
      (1_000 * (nodeSeconds + databaseSeconds)) / builds,
      'ms',
      `: the node ${nodeSeconds.toFixed(1)} s and PostgreSQL ${databaseSeconds.toFixed(1)} s in all`,
      BUILD_PROCESSOR_MS,
    ),
    ...(await whyOthersEnded(db)),
    complaintsOf(node),
  ];
}

/** Returns one row for each message of the builds that ended in another way; none when there are none. */
async function whyOthersEnded(db: Db): Promise<Finding[]> {
  const { rows } = await sql<{ message: string; count: number }>`
    SELECT coalesce(exit_message, 'no message') AS message, count(*)::int AS count FROM task
    WHERE exit_status <> ${EXIT_STATUS.COMPLETED} GROUP BY 1 ORDER BY 2 DESC LIMIT ${MOST_COMPLAINTS}`.execute(db);
  if (rows.length === 0) return [];
  const title = 'what the others were told';
  return [{ title, columns: ['', 'times'], rows: rows.map(({ message, count }) => [message, String(count)]) }];
}

function complaintsOf({ complaints }: ServedNode): Finding {
  const rows = complaints.length > 0 ? complaints.slice(0, MOST_COMPLAINTS) : [['nothing', '']];
  return { title: 'of what the node complained', columns: ['', 'times'], rows };
}

async function prepare(
  db: Db,
  { masterKey, token, ecs, builds }: { masterKey: Buffer; token: string; ecs: LocalEcs; builds: number },
): Promise<void> {
  await migrate(db);
  await new EcsClusterStore(db, new Secret(masterKey)).save(localCluster(ecs));
  await addApiToken(db, { name: 'bench', role: 'admin', tokenHash: sha256Hex(token) });
  await setGroup(db, { name: 'BuildSteps', maxRunning: builds });
}

/** Returns the milliseconds that each answer took. */
async function submitAll(url: string, token: string, builds: number): Promise<number[]> {
  const answersMs: number[] = [];
  let left = builds;
  const submitSome = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      // Each build has its own path, because builds of the same path run one at a time.
      const options = { vcsUri: 'file:///nowhere', vcsPath: `branch-${left}` };
      const askedMs = performance.now();
      const answer = await fetch(new URL('/v1/tasks', url), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'BuildSteps', options }),
      });
      if (!answer.ok) throw new Error(`a build was answered ${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
      answersMs.push(performance.now() - askedMs);
    }
  };
  await Promise.all(Array.from({ length: SUBMITTING_AT_ONCE }, submitSome));
  return answersMs;
}

async function untilAllEnded(db: Db): Promise<{ mostAtOnce: number }> {
  const startedMs = performance.now();
  let mostAtOnce = 0;
  while (performance.now() - startedMs < BOUND_MS) {
    const { rows } = await sql<{ left: number; ready: number }>`
      SELECT (SELECT count(*) FROM task WHERE status <> 3)::int AS left,
        (SELECT count(*) FROM container_attempt WHERE state = 'launched' AND ready_at IS NOT NULL)::int AS ready`.execute(
      db,
    );
    mostAtOnce = Math.max(mostAtOnce, rows[0]?.ready ?? 0);
    if (rows[0]?.left === 0) break;
    await systemClock.sleep(LOOK_MS);
  }
  return { mostAtOnce };
}

async function readEndings(db: Db): Promise<{ name: ExitStatus; cause: string | null; count: number }[]> {
  const { rows } = await sql<{ status: number; cause: string | null; count: number }>`
    SELECT exit_status AS status, cause, count(*)::int AS count FROM task GROUP BY 1, 2 ORDER BY 3 DESC`.execute(db);
  return rows.map(({ status, cause, count }) => ({ name: exitStatusOf(status), cause, count }));
}
