import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createOperatorClient } from '../../controlplane/cli/client/operator-client.ts';
import { BUILD_STEPS } from '../../controlplane/tasks/kinds.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { DUMP_CHECK } from '../kit/kinds/dump-check.ts';
import { SIMULATED_EXPORT } from '../testkit/agent/simulated-build.ts';
import { startWip } from '../testkit/start-wip.ts';
import type { StartedWip } from '../testkit/started-wip.ts';
import { judgeFigure, type Finding } from './measure.ts';
import { peakMegabytes } from './processor-time.ts';

const AGENTS = 2_000;
const BUILDS = 1_000;
const MOST_MEGABYTES = 1_000;
const SUBMITTING_AT_ONCE = 8;
const LOOK_MS = 500;
const BOUND_MS = 15 * 60_000;
// What nodes have by default: startWip looks at few containers, and so more often.
const SETTINGS = { heartbeat_seconds: 30, sweep_seconds: 10, database_pool: 16 } as const;
const KIND_FILE = path.join(import.meta.dirname, '../kit/kinds/dump-check.ts');

/** Runs thousands of simulated agents in this process. The node is a process of its own, so that its memory is not counted. */
export async function benchTestkitSystem(): Promise<Finding[]> {
  const agents = await benchAgents();
  return [...agents, ...(await benchBuilds())];
}

async function benchAgents(): Promise<Finding[]> {
  await using wip = await startWip({
    nodesRun: 'processes',
    settings: SETTINGS,
    kinds: [KIND_FILE],
    script: { processes: { read: { runsFor: 'forever' } } },
  });
  const startedMs = performance.now();
  await addAll(wip, { kind: DUMP_CHECK.kind, count: AGENTS, optionsOf: (n) => ({ dump: `dump-${n}` }) });
  await until(() => wip.processes.length >= AGENTS);
  const seconds = (performance.now() - startedMs) / 1_000;
  return [
    judgeFigure({
      what: 'simulated agents that ran at once in one process',
      value: wip.processes.length,
      unit: 'of them',
      beside: `; the last began its process after ${seconds.toFixed(0)} s`,
      atLeast: AGENTS,
    }),
    judgeFigure({
      what: `${AGENTS} simulated agents: peak memory of their process`,
      value: peakMegabytes(process.pid),
      unit: 'MB',
      beside: ` resident, local ECS included, on ${availableParallelism()} processors`,
      atMost: MOST_MEGABYTES,
    }),
  ];
}

async function benchBuilds(): Promise<Finding[]> {
  await using wip = await startWip({
    nodesRun: 'processes',
    settings: SETTINGS,
    script: {
      processes: {
        ensureBuildUser: { stdout: '/home/simulated' },
        exportBuildFileAsJson: { stdout: JSON.stringify(SIMULATED_EXPORT) },
        executeBuildScript: { runsFor: '1 s', stdout: 'built\n' },
      },
    },
  });
  const startedMs = performance.now();
  // Builds of the same path run one at a time.
  await addAll(wip, {
    kind: BUILD_STEPS.kind,
    count: BUILDS,
    optionsOf: (n) => ({ vcsUri: 'file:///nowhere', vcsPath: `branch-${n}` }),
  });
  await until(async () => (await countComplete(wip)) >= BUILDS);
  const seconds = (performance.now() - startedMs) / 1_000;
  return [
    judgeFigure({
      what: 'builds with simulated agents that ended COMPLETED',
      value: await countComplete(wip, 'COMPLETED'),
      unit: 'of them',
      beside: `, in ${seconds.toFixed(0)} s`,
      atLeast: BUILDS,
    }),
  ];
}

interface ManyTasks {
  readonly kind: string;
  readonly count: number;
  readonly optionsOf: (n: number) => Record<string, unknown>;
}

async function addAll(wip: StartedWip, { kind, count, optionsOf }: ManyTasks): Promise<void> {
  await createOperatorClient(wip).setGroup(kind, { maxRunning: count });
  let left = count;
  const addSome = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await wip.client.addTask({ kind, options: optionsOf(left) });
    }
  };
  await Promise.all(Array.from({ length: SUBMITTING_AT_ONCE }, addSome));
}

async function countComplete(wip: StartedWip, exitStatus?: string): Promise<number> {
  let count = 0;
  let cursor: string | null = null;
  do {
    const page = await wip.client.listTasks({
      status: 'COMPLETE',
      limit: '200',
      ...(cursor === null ? {} : { cursor }),
    });
    count += page.tasks.filter((task) => exitStatus === undefined || task.exitStatus === exitStatus).length;
    cursor = page.nextCursor;
  } while (cursor !== null);
  return count;
}

async function until(has: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + BOUND_MS;
  while (!(await has())) {
    if (performance.now() > endMs) return; // the figures say how far it came
    await systemClock.sleep(LOOK_MS);
  }
}
