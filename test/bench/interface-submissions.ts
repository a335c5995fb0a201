import { createOperatorClient } from '../../controlplane/cli/client/operator-client.ts';
import { BUILD_STEPS } from '../../controlplane/tasks/kinds.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { SIMULATED_EXPORT } from '../testkit/agent/simulated-build.ts';
import { startWip } from '../testkit/start-wip.ts';
import type { StartedWip } from '../testkit/started-wip.ts';
import { judgeFigure, quantile, type Measurement } from './measure.ts';

const BUILDS = 1_000;
const SUBMISSIONS = 400;
const AT_ONCE = 8;
const P99_MS = 250;
const LOOK_MS = 500;
/** When launches are slow, the answers are measured while as many builds run as have been launched by then. */
const LAUNCH_BOUND_MS = 90_000;
const SUBMIT_BOUND_MS = 20_000;
// What nodes have by default: startWip looks at few containers, and so more often.
const SETTINGS = { heartbeat_seconds: 30, sweep_seconds: 10, database_pool: 16 } as const;

/** Measures the answer to a submission while a thousand builds run. Their agents are simulated, in this process. */
export async function benchSubmissions(): Promise<Measurement[]> {
  await using wip = await startWip({
    nodesRun: 'processes',
    settings: SETTINGS,
    script: {
      processes: {
        ensureBuildUser: { stdout: '/home/simulated' },
        exportBuildFileAsJson: { stdout: JSON.stringify(SIMULATED_EXPORT) },
        executeBuildScript: { runsFor: 'forever' },
      },
    },
  });
  await createOperatorClient(wip).setGroup(BUILD_STEPS.kind, { maxRunning: BUILDS });
  const launchEndMs = performance.now() + LAUNCH_BOUND_MS;
  const before = await submit(wip, { from: 0, count: BUILDS, endMs: launchEndMs });
  const running = (): number => wip.processes.filter(({ name }) => name === 'executeBuildScript').length;
  while (running() < BUILDS && performance.now() < launchEndMs) await systemClock.sleep(LOOK_MS);
  const atStart = running();
  const endMs = performance.now() + SUBMIT_BOUND_MS;
  const times = await submit(wip, { from: BUILDS, count: SUBMISSIONS, endMs });
  const figure = (what: string, values: readonly number[]): Parameters<typeof judgeFigure>[0] => ({
    what: `POST /v1/tasks, ${AT_ONCE} at once, ${what}: p99`,
    value: quantile(values, 0.99),
    unit: 'ms',
    beside: `; p50 ${quantile(values, 0.5).toFixed(1)} ms of ${values.length}`,
  });
  return [
    judgeFigure({
      what: `builds that run ${LAUNCH_BOUND_MS / 1_000} s after the first of ${BUILDS} was submitted`,
      value: atStart,
      unit: 'builds',
      beside: '',
    }),
    judgeFigure({ ...figure(`while ${atStart} builds run`, times), atMost: P99_MS }),
    judgeFigure(figure('while those are launched', before)),
  ];
}

interface Submissions {
  readonly from: number;
  readonly count: number;
  /** By performance.now(): what is not submitted by then is left out. */
  readonly endMs: number;
}

/** Submits builds and returns how long each took to be answered. */
async function submit(wip: StartedWip, { from, count, endMs }: Submissions): Promise<number[]> {
  const times: number[] = [];
  let next = from;
  const submitSome = async (): Promise<void> => {
    while (next < from + count && performance.now() < endMs) {
      // Each build has its own path, because builds of the same path run one at a time.
      const options = { vcsUri: 'file:///nowhere', vcsPath: `branch-${next++}` };
      const startedMs = performance.now();
      await wip.client.addTask({ kind: BUILD_STEPS.kind, options });
      times.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, submitSome));
  return times;
}
