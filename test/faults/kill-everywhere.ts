import { sql } from 'kysely';
import { seededRandom } from '../../controlplane/statetable/seeded-random.ts';
import { simulatedBuild } from '../testkit/agent/simulated-build.ts';
import type { FaultBase } from './fault-base.ts';
import { startFaultSystem, type FaultSystem } from './fault-system.ts';
import type { ClusterRow } from './cluster-rows.ts';
import { CALM } from './front-door.ts';
import { findViolations } from './invariants.ts';
import type { Violation } from './violation.ts';

export interface KillsEverywhere {
  /** Points where nodes were killed, in order. */
  readonly points: readonly string[];
  readonly builds: number;
  readonly violations: readonly Violation[];
  /** Ends other than success. */
  readonly failed: readonly string[];
}

// Short, so that a takeover does not take longer than necessary.
const LEASE_SECONDS = 5;
// The next takeover is the second. If its node were lost too, the third would rightly call the task poisoned.
const MAX_TAKEOVERS = 1;
const LOOK_SECONDS = 1;
const ROWS = ['default', 'other-region', 'second', 'by-arn'] as const satisfies readonly ClusterRow[];

/**
 * Runs builds and reports on one node that dies at every failpoint it reaches for the first time, until a build ends
 * without a death. With `everyState` the same failpoint counts anew in each state; otherwise only in those that
 * launch the container and start the build script.
 */
export async function killEverywhere(base: FaultBase, options: { everyState: boolean }): Promise<KillsEverywhere> {
  const points: string[] = [];
  const system = await startFaultSystem({
    databases: base,
    name: 'everywhere',
    behave: simulatedBuild(() => ({ runsFor: 2, stdout: 'built\n' })),
    weather: CALM,
    random: seededRandom(1),
    leaseSeconds: LEASE_SECONDS,
    onDying: (_name, point) => points.push(point),
  });
  const over = new AbortController();
  const keeping = keepDying(system, { ...options, points }, over.signal);
  try {
    let builds = 0;
    for (let before = -1; before < points.length; builds += 1) {
      before = points.length;
      const vcsPath = `branch-${builds}`;
      await runTask(system, { kind: 'BuildSteps', options: { vcsUri: 'file:///nowhere', vcsPath } });
      await runTask(system, { kind: 'Parent', options: { children: 2 } });
      await runTask(system, { kind: 'Reporter', options: { url: system.receiver.url, count: 3 } });
    }
    const violations = await findViolations(system, []);
    const { rows } = await sql<{ id: number; said: string }>`
      SELECT id, concat_ws(' ', exit_status, cause, exit_message, 'attempts', attempts) AS said FROM task
      WHERE (kind = 'BuildSteps' AND (cause IS DISTINCT FROM 'success' OR attempts <> 1)) OR exit_status <> 4`.execute(
      system.database.db,
    );
    return { points, builds, violations, failed: rows.map(({ id, said }) => `task ${id}: ${said}`) };
  } finally {
    over.abort();
    await system.close();
    await keeping;
  }
}

async function runTask(system: FaultSystem, task: { kind: string; options: object }): Promise<void> {
  const id = await system.addTask(task);
  for (;;) {
    const { rows } = await sql`SELECT FROM task WHERE id = ${id} AND status = 3`.execute(system.database.db);
    if (rows.length > 0) return;
    await system.clock.sleep(LOOK_SECONDS * 1_000);
  }
}

async function keepDying(
  system: FaultSystem,
  { points, everyState }: { points: readonly string[]; everyState: boolean },
  over: AbortSignal,
): Promise<void> {
  for (let incarnation = 1; !over.aborted; incarnation += 1) {
    // The next node finds another active cluster: an attempt begun in one cluster must be ended there.
    await system.clusters.use(ROWS[incarnation % ROWS.length]!);
    const { rows } = await sql<{ takeovers: number }>`
      SELECT coalesce(max(takeovers), 0) AS takeovers FROM task WHERE status <> 3`.execute(system.database.db);
    const node = await system.startNode({
      name: `node-${incarnation}`,
      dieAtNewPoint: points.flatMap((point) =>
        everyState || isOfTheEffects(point) ? [point] : [point, nameOf(point)],
      ),
      isSparedUntilSave: (rows[0]?.takeovers ?? 0) >= MAX_TAKEOVERS,
    });
    if (over.aborted) node.signal('SIGKILL');
    await node.ended;
  }
}

const nameOf = (point: string): string => point.replace(/@.*/, '');
const isOfTheEffects = (point: string): boolean => /@(containerWipInvoke|executeBuildScript)$/.test(point);
