import { sql } from 'kysely';
import { parseStateTable } from '../../controlplane/statetable/parse-table.ts';
import { seededRandom } from '../../controlplane/statetable/seeded-random.ts';
import { BUILD_STEPS_TABLE } from '../../controlplane/tasks/build/build-steps-table.ts';
import { exitStatusOf } from '../../shared/model/status.ts';
import type { Behaviour } from '../testkit/agent/simulated-process.ts';
import { simulatedBuild } from '../testkit/agent/simulated-build.ts';
import type { FaultBase } from './fault-base.ts';
import { startFaultSystem, type FaultSystem } from './fault-system.ts';
import { CALM } from './front-door.ts';
import { findViolations } from './invariants.ts';
import { pointName } from './node-order.ts';
import type { Violation } from './violation.ts';

/** How a container ends: without a word, or by a limit of which its agent tells. */
type ContainerDeath = 'killed' | 'limit-disk';

/** A way through the table that a build can take. The branch of its task names it. */
const WAYS = ['succeeds', 'fails', 'is-silent', 'has-no-file'] as const;
type Way = (typeof WAYS)[number];

interface KilledContainer {
  readonly way: Way;
  readonly point: string;
  /** Exit status, cause and message of the task. */
  readonly end: string;
  /** Hurried seconds from the death to the end of the task. */
  readonly seconds: number;
}

export interface ContainerKills {
  readonly killed: readonly KilledContainer[];
  /** Ends that the death does not explain. */
  readonly wrong: readonly string[];
  readonly violations: readonly Violation[];
}

export interface ContainerKillOptions {
  readonly death: ContainerDeath;
  /** Before the method of each state, before and after it, or at each failpoint of each state. */
  readonly at: 'entering' | 'states' | 'points';
  /** The silent build costs ten minutes of hurried time for each of its states. */
  readonly ways?: readonly Way[];
}

const BEFORE = 'after-save-entering';
const AFTER = 'after-state';
const TOLD: Readonly<Record<ContainerDeath, RegExp>> = {
  killed: /^ERROR_SYSTEM killed .*The container was killed \(exit code 137\)/,
  'limit-disk': /^ERROR_USER limit-disk /,
};
const LOOK_SECONDS = 1;

/** Returns the behaviour of the programs in the container: each build goes the way that its branch names. */
function behaviour(): Behaviour {
  const otherwise = simulatedBuild(() => ({ seconds: 2, stdout: 'built\n' }));
  return (body, container) => {
    const words = Array.isArray(body.command) ? body.command : [];
    const isRun = words.includes('run') && words.includes('--event');
    const goes = (way: Way): boolean => words.some((word) => word.startsWith(way));
    if (isRun && goes('fails')) return { seconds: 2, exitCode: 1, stderr: 'make: error\n' };
    if (isRun && goes('is-silent')) return { seconds: 100_000 };
    if (words.includes('export') && goes('has-no-file')) return { exitCode: 1, stderr: 'X: there is no file\n' };
    return otherwise(body, container);
  };
}

/**
 * Runs builds of every way on one node. The container of each dies at another point, until a build of that way reaches
 * none that is new.
 */
export async function killContainers(base: FaultBase, options: ContainerKillOptions): Promise<ContainerKills> {
  const killer = new Killer(options);
  const system = await startFaultSystem({
    databases: base,
    name: `containers-${options.death}`,
    behave: behaviour(),
    weather: CALM,
    random: seededRandom(1),
    onPoint: (point, where) => killer.visit(system, point, where),
  });
  try {
    await system.startNode({ name: 'node' });
    const killed: KilledContainer[] = [];
    const wrong: string[] = [];
    for (const way of options.ways ?? WAYS) {
      killer.begin('rest');
      const calm = await runBuild(system, way, 0);
      for (let build = 1; ; build += 1) {
        killer.begin('kill');
        const { end, endedMs } = await runBuild(system, way, build);
        if (!killer.hit) break;
        const { point, state, atMs } = killer.hit;
        killed.push({ way, point, end, seconds: Math.round((endedMs - atMs) / 1_000) });
        if (!isRight(options, { calm, state, end })) wrong.push(`${way} ${point}: ${end}`);
      }
    }
    return { killed, wrong, violations: await findViolations(system, []) };
  } finally {
    await system.close();
  }
}

class Killer {
  hit: { readonly point: string; readonly state: string; readonly atMs: number } | null = null;
  readonly #options: ContainerKillOptions;
  readonly #known = new Set<string>();
  #mode: 'kill' | 'rest' = 'rest';
  #agentsBefore = 0;
  #agents = 0;

  constructor(options: ContainerKillOptions) {
    this.#options = options;
  }

  begin(mode: 'kill' | 'rest'): void {
    this.hit = null;
    this.#mode = mode;
    this.#agentsBefore = this.#agents;
  }

  async visit(system: FaultSystem, name: string, where: string | undefined): Promise<void> {
    const { death, at } = this.#options;
    this.#agents = system.launcher.agents.size;
    if (this.#mode === 'rest' || this.hit || where === undefined || this.#agents === this.#agentsBefore) return;
    const point = pointName(name, where);
    if (this.#known.has(point)) return;
    if (at !== 'points' && name !== BEFORE && !(at === 'states' && name === AFTER)) return;
    this.#known.add(point);
    this.hit = { point, state: where, atMs: system.clock.now().getTime() };
    const agent = [...system.launcher.agents.values()].at(-1);
    if (death === 'killed') agent?.kill();
    else agent?.stop(death);
    if (death === 'killed') await agent?.ended;
  }
}

interface Ended {
  readonly end: string;
  readonly endedMs: number;
  /** The states that the build went through. */
  readonly path: readonly string[];
}

async function runBuild(system: FaultSystem, way: Way, number: number): Promise<Ended> {
  const id = await system.addTask({
    kind: 'BuildSteps',
    options: { vcsUri: 'file:///nowhere', vcsPath: `${way}-${number}` },
  });
  for (;;) {
    const { rows } = await sql<{ status: number; cause: string; message: string; completedAt: Date }>`
      SELECT exit_status AS status, cause, exit_message AS message, completed_at FROM task
      WHERE id = ${id} AND status = 3`.execute(system.database.db);
    const task = rows[0];
    if (!task) {
      await system.clock.sleep(LOOK_SECONDS * 1_000);
      continue;
    }
    const steps = await sql<{ state: string }>`SELECT state FROM step WHERE task_id = ${id} ORDER BY id`.execute(
      system.database.db,
    );
    const end = `${exitStatusOf(task.status)} ${task.cause} ${task.message}`;
    return { end, endedMs: task.completedAt.getTime(), path: steps.rows.map(({ state }) => state) };
  }
}

const TELLING = new Set(
  parseStateTable(BUILD_STEPS_TABLE)
    .states.filter(({ transitions }) =>
      transitions.some(({ value, target }) => value === 'terminated' && target === 'containerTerminated'),
    )
    .map(({ name }) => name),
);

/**
 * Returns whether the end says why the container died, or is the calm one: that must be so once no state is left that
 * would tell, and may be so at points that are neither before nor after the method of a state.
 */
function isRight(
  { death, at }: ContainerKillOptions,
  { calm, state, end }: { calm: Ended; state: string; end: string },
): boolean {
  const isTold = TOLD[death].test(end);
  const isCalm = end.split(' ', 2).join(' ') === calm.end.split(' ', 2).join(' ');
  if (at === 'points') return isTold || isCalm;
  return calm.path.slice(calm.path.indexOf(state)).some((one) => TELLING.has(one)) ? isTold : isCalm;
}
