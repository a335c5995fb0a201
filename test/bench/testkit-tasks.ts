import { BUILD_STEPS } from '../../controlplane/tasks/kinds.ts';
import { SIMULATED_EXPORT } from '../testkit/agent/simulated-build.ts';
import { simulateMany } from '../testkit/simulate-many.ts';
import { simulateTask } from '../testkit/simulate-task.ts';
import type { Measurement } from './measure.ts';

const SCRIPT = {
  options: { vcsPath: 'main', vcsUri: 'https://example.org/app.git' },
  processes: {
    ensureBuildUser: { stdout: '/home/build' },
    exportBuildFileAsJson: { stdout: JSON.stringify(SIMULATED_EXPORT) },
    executeBuildScript: { runsFor: '20 s' },
  },
} as const;
// The first runs are compiled while they run.
const WARM_UP_RUNS = 1_000;
const RUNS = 4_000;
const BUILDS_PER_SECOND = 2_000;
const MANY_RUNS = 10_000;
const MANY_SECONDS = 10;

/** Measures whole builds in virtual time, one after the other, in processor time of this thread. */
export async function benchSimulatedTasks(): Promise<readonly Measurement[]> {
  await simulateBuilds(WARM_UP_RUNS);
  const builds = await timed(() => simulateBuilds(RUNS));
  const perSecond = Math.round((RUNS / builds.processorMs) * 1000);
  const { executeBuildScript: _script, ...processes } = SCRIPT.processes;
  const script = { ...SCRIPT, processes };
  const many = await timed(() => simulateMany(BUILD_STEPS, { script, runs: MANY_RUNS }));
  return [
    {
      what: 'simulateTask: whole builds a second',
      measured: `${perSecond} of processor time, ${Math.round((RUNS / builds.wallMs) * 1000)} by the clock`,
      promise: `${BUILDS_PER_SECOND} at least`,
      isKept: perSecond >= BUILDS_PER_SECOND,
    },
    {
      what: `simulateMany: ${MANY_RUNS} builds`,
      measured: `${(many.processorMs / 1000).toFixed(1)} s of processor time, ${(many.wallMs / 1000).toFixed(1)} s by the clock`,
      promise: `less than ${MANY_SECONDS} s`,
      isKept: many.processorMs < MANY_SECONDS * 1000,
    },
  ];
}

async function simulateBuilds(count: number): Promise<void> {
  for (let run = 0; run < count; run += 1) {
    const { exit } = await simulateTask(BUILD_STEPS, SCRIPT);
    if (exit.status !== 'COMPLETED') throw new Error(`a simulated build ended as ${exit.status}: ${exit.message}`);
  }
}

async function timed(work: () => Promise<unknown>): Promise<{ wallMs: number; processorMs: number }> {
  const startedMs = performance.now();
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return { wallMs: performance.now() - startedMs, processorMs: (user + system) / 1000 };
}
