import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { seededRandom } from '../../controlplane/statetable/seeded-random.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { simulatedBuild } from '../testkit/agent/simulated-build.ts';
import { TooSlow } from './ask-again.ts';
import { carryOut } from './carry-out-event.ts';
import { REGIONS } from './cluster-rows.ts';
import { callEcs, findRunningContainers, FOREIGN_STARTER } from './ecs-tasks.ts';
import type { FaultBase } from './fault-base.ts';
import { startFaultSystem, type FaultSystem } from './fault-system.ts';
import { findViolations } from './invariants.ts';
import type { RunningNode } from './node-fleet.ts';
import type { Schedule } from './schedule.ts';
import { watchStalls } from './stalls.ts';
import { isLateness, type Violation } from './violation.ts';

export interface ScheduleResult {
  readonly violations: readonly Violation[];
  readonly tasks: number;
  /** Number of tasks for each exit status. */
  readonly endings: Readonly<Record<string, number>>;
  readonly kills: number;
  readonly tookOver: number;
  readonly acknowledged: number;
  readonly points: readonly string[];
}

// Hurried time: two rounds of the reaper and the slow ends of containers.
const REAP_SECONDS = 400;
const LOOK_SECONDS = 2;
const REPLACED_AFTER_SECONDS = 1;

/** Runs one schedule to the end of its last task. Returns the promises it broke. */
export async function runSchedule(databases: FaultBase, schedule: Schedule, plant?: string): Promise<ScheduleResult> {
  const canary = `canary-${randomBytes(12).toString('hex')}`;
  const points: string[] = [];
  const system = await startFaultSystem({
    databases,
    name: `seed-${schedule.seed}-${randomBytes(4).toString('hex')}`,
    behave: (body, container) => {
      const words = Array.isArray(body.command) ? body.command : [];
      if (words[0] === 'count') return { runsFor: Number(words[1]) };
      return simulatedBuild(() => ({
        runsFor: schedule.build.seconds,
        exitCode: schedule.build.exitCode,
        stdout: 'built\n',
      }))(body, container);
    },
    weather: schedule.weather,
    random: seededRandom(schedule.seed + 1),
    onDying: (_name, point) => points.push(point),
  });
  try {
    if (plant) await system.database.plant(plant);
    return await new ScheduleRun(system, schedule, canary, points).run();
  } finally {
    await system.close();
  }
}

class ScheduleRun {
  readonly #system: FaultSystem;
  readonly #schedule: Schedule;
  readonly #canary: string;
  readonly #points: string[];
  readonly #over = new AbortController();
  readonly #nodes: (RunningNode | null)[] = [];
  readonly #tasks: (number | null)[] = [];
  readonly #stalls = watchStalls();
  #kills = 0;

  constructor(system: FaultSystem, schedule: Schedule, canary: string, points: string[]) {
    this.#system = system;
    this.#schedule = schedule;
    this.#canary = canary;
    this.#points = points;
  }

  async run(): Promise<ScheduleResult> {
    try {
      return await this.#runNodes();
    } finally {
      this.#over.abort();
      this.#stalls.close();
    }
  }

  async #runNodes(): Promise<ScheduleResult> {
    const { database } = this.#system;
    for (const name of ['BuildSteps', 'Walker', 'Collector', 'Reporter', 'Parent']) {
      await setGroup(database.db, { name, maxRunning: this.#schedule.maxRunning });
    }
    const keeping = Array.from({ length: this.#schedule.nodes }, (_, index) => this.#keepNode(index));
    await this.#startForeigner();
    const happening = [
      ...this.#schedule.tasks.map((_, index) => this.#add(index)),
      ...this.#schedule.events.map((event) =>
        carryOut(event, { system: this.#system, nodes: this.#nodes, tasks: this.#tasks }),
      ),
    ];
    await Promise.all(happening);
    await this.#untilAllEnded();
    const violations = await findViolations(this.#system, [this.#canary]);
    // A task that is late on a stalling machine is not lost. Every other violation counts, however slow the machine
    // was.
    const late = violations.filter(isLateness);
    if (late.length > 0 && late.length === violations.length && this.#stalls.isSlow()) {
      throw new TooSlow(
        `the machine stalled for ${this.#stalls.say()}, and ${late.map(({ detail }) => detail).join('; ')}`,
      );
    }
    this.#over.abort();
    for (const node of this.#nodes) node?.signal('SIGKILL');
    await Promise.all(keeping);
    return await this.#result(violations);
  }

  /** Keeps a node in this place: each is replaced soon after its end. */
  async #keepNode(index: number): Promise<void> {
    for (let incarnation = 1; !this.#over.signal.aborted; incarnation += 1) {
      const dieAt = incarnation === 1 ? (this.#schedule.failpoints[index] ?? null) : null;
      const node = await this.#system.startNode({ name: `node-${index}-${incarnation}`, dieAt });
      this.#nodes[index] = node;
      if (this.#over.signal.aborted) node.signal('SIGKILL');
      await node.ended;
      if (this.#over.signal.aborted) return;
      this.#kills += 1;
      this.#nodes[index] = null;
      await this.#system.clock.sleep(REPLACED_AFTER_SECONDS * 1_000, this.#over.signal);
    }
  }

  /** Starts another installation's container on the same cluster, which no node here may touch. */
  async #startForeigner(): Promise<void> {
    const call = (action: string, body: object) => callEcs(this.#system.regions.local, action, body);
    const containerDefinitions = [{ name: 'build', image: 'none', memory: 64 }];
    await call('RegisterTaskDefinition', { family: 'foreign', containerDefinitions });
    // The container's agent waits for an enrolment address that never answers.
    const environment = [{ name: 'WIP_ENROL_URL', value: 'http://127.0.0.1:1/' }];
    const overrides = { containerOverrides: [{ name: 'build', environment }] };
    await call('RunTask', {
      taskDefinition: 'foreign',
      clientToken: FOREIGN_STARTER,
      startedBy: FOREIGN_STARTER,
      overrides,
    });
  }

  async #add(index: number): Promise<void> {
    const { afterSeconds, kind, options } = this.#schedule.tasks[index]!;
    await this.#system.clock.sleep(afterSeconds * 1_000);
    const secret = kind === 'BuildSteps' ? { environmentVariables: { CANARY: this.#canary } } : {};
    const receiver = kind === 'Reporter' ? { url: this.#system.receiver.url } : {};
    this.#tasks[index] = await this.#system.addTask({ kind, options: { ...options, ...secret, ...receiver } });
  }

  async #untilAllEnded(): Promise<void> {
    const { clock, database } = this.#system;
    const beganMs = clock.monotonicMs();
    const isWithin = (seconds: number): boolean => clock.monotonicMs() - beganMs < seconds * 1_000;
    for (;;) {
      // Requests to deliver may continue after the end of their tasks.
      const { rows } = await sql`SELECT FROM task WHERE status <> 3 UNION ALL SELECT FROM outbox LIMIT 1`.execute(
        database.db,
      );
      if (rows.length === 0) break;
      // The invariants find tasks that never end. Their containers have owners and are not reaped.
      if (!isWithin(this.#schedule.boundSeconds)) return;
      await clock.sleep(LOOK_SECONDS * 1_000);
    }
    // Remaining faults were meant for nodes, not for the checks at the end.
    for (const region of REGIONS) this.#system.regions[region].faults.clear();
    const endedMs = clock.monotonicMs();
    while (clock.monotonicMs() - endedMs < REAP_SECONDS * 1_000) {
      if ((await findRunningContainers(this.#system)).length === 0) return;
      await clock.sleep(LOOK_SECONDS * 1_000);
    }
  }

  async #result(violations: readonly Violation[]): Promise<ScheduleResult> {
    const { db } = this.#system.database;
    const endings = await sql<{ name: string; count: number }>`
      SELECT exit_status || coalesce(' ' || cause, '') AS name, count(*)::int AS count FROM task GROUP BY 1`.execute(
      db,
    );
    const tookOver = await sql<{
      count: number;
    }>`SELECT count(*)::int AS count FROM step WHERE note IS NOT NULL`.execute(db);
    return {
      violations,
      tasks: this.#schedule.tasks.length,
      endings: Object.fromEntries(endings.rows.map(({ name, count }) => [name, count])),
      kills: this.#kills,
      tookOver: tookOver.rows[0]?.count ?? 0,
      acknowledged: this.#system.door.acknowledged.length,
      points: this.#points,
    };
  }
}
