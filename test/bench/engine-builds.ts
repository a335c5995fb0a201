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
import { systemClock } from '../../shared/support/clock.ts';
import { createLogger } from '../../shared/support/logger.ts';
import { Secret } from '../../shared/support/secret.ts';
import { sha256Hex } from '../../shared/support/signing.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { ServedNode } from '../testkit/system/served-node.ts';
import { simulatedBuild } from '../testkit/agent/simulated-build.ts';
import { createSimulatedLauncher } from '../testkit/agent/simulated-launcher.ts';
import { withServer, type BenchServer } from './bench-server.ts';
import { judgeFigure, type Finding } from './measure.ts';
import { peakMegabytes, processorSeconds, processorSecondsOfTree } from './processor-time.ts';

const BUILDS = 1_000;
// ECS accepts 40 RunTask a second, so the last build begins when the first has run for half a minute or more. All of
// them run at once for a while.
const BUILD_SECONDS = 90;
const SUBMITTING_AT_ONCE = 8;
const LOOK_MS = 1_000;
const MOST_COMPLAINTS = 12;
const BOUND_MS = 15 * 60_000;
// Room for all builds. The test of local ECS covers a full cluster.
const RESOURCES = { cpu: 4_096_000, memory: 16_384_000 };

/** Runs a thousand builds on one node with its own settings. Their agents are simulated, in this process. */
export async function benchBuilds(): Promise<Finding[]> {
  return withServer(async (server) => {
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
      return await runBuilds(server, db, ecs);
    } finally {
      for (const agent of launcher.agents.values()) agent.kill();
      await ecs.close();
      await close();
    }
  });
}

async function runBuilds(server: BenchServer, db: Db, ecs: LocalEcs): Promise<Finding[]> {
  const masterKey = randomBytes(32);
  const token = randomBytes(32).toString('base64url');
  await prepare(db, { masterKey, token, ecs });
  const node = await ServedNode.start({ databaseUrl: server.url, directory: server.directory, masterKey });
  try {
    const before = { node: processorSeconds([node.pid]), database: processorSecondsOfTree(server.pid) };
    const startedMs = performance.now();
    await submitAll(node.url, token);
    const submittedSeconds = (performance.now() - startedMs) / 1_000;
    const { mostAtOnce } = await untilAllEnded(db);
    const seconds = (performance.now() - startedMs) / 1_000;
    const nodeSeconds = processorSeconds([node.pid]) - before.node;
    const databaseSeconds = processorSecondsOfTree(server.pid) - before.database;
    const endings = await readEndings(db);
    const figure = (what: string, value: number, unit: string, beside = ''): Finding =>
      judgeFigure({ what: `${BUILDS} builds at once: ${what}`, value, unit, beside });
    return [
      judgeFigure({
        what: `${BUILDS} builds at once: ended COMPLETED`,
        value: endings.filter(({ name }) => name === 'COMPLETED').reduce((sum, { count }) => sum + count, 0),
        unit: 'of them',
        beside: `; ${endings.map(({ name, cause, count }) => `${count} ${name} (${cause})`).join(', ')}`,
        atLeast: BUILDS,
      }),
      figure('to the end of the last', seconds, 's', `, of which a build takes ${BUILD_SECONDS} s`),
      figure('to the last answer that one was added', submittedSeconds, 's', `, ${SUBMITTING_AT_ONCE} at once`),
      figure('builds that ran at one moment', mostAtOnce, 'of them'),
      figure('peak memory of the node', peakMegabytes(node.pid), 'MB', ' resident'),
      figure('processor of the node', nodeSeconds, 's', `; PostgreSQL ${databaseSeconds.toFixed(1)} s`),
      ...(await whyOthersEnded(db)),
      complaintsOf(node),
    ];
  } finally {
    await node.close();
  }
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
  { masterKey, token, ecs }: { masterKey: Buffer; token: string; ecs: LocalEcs },
): Promise<void> {
  await migrate(db);
  await new EcsClusterStore(db, new Secret(masterKey)).save(localCluster(ecs));
  await addApiToken(db, { name: 'bench', role: 'admin', tokenHash: sha256Hex(token) });
  await setGroup(db, { name: 'BuildSteps', maxRunning: BUILDS });
}

async function submitAll(url: string, token: string): Promise<void> {
  let left = BUILDS;
  const submitSome = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      // Each build has its own path, because builds of the same path run one at a time.
      const options = { vcsUri: 'file:///nowhere', vcsPath: `branch-${left}` };
      const answer = await fetch(new URL('/v1/tasks', url), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'BuildSteps', options }),
      });
      if (!answer.ok) throw new Error(`a build was answered ${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: SUBMITTING_AT_ONCE }, submitSome));
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
