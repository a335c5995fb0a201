import { startBuildGuard } from '../../agent/build/build-guard.ts';
import { judgeFigure, quantile, type Finding } from './measure.ts';
import { processorSecondsOfTree } from './processor-time.ts';

const GUARDS = 50;
// Each build starts two, one for `build export` and one for `build run`. Measured 2026-11-30: 5 ms each, at least 2, of which the start holds
// up the build tool for 1 to 2 ms, and 4 ms of processor time.
const MOST_MS = 20;

/** What it costs a build that a bash watches its tool: its start until it has heard of a session, and its end. */
export async function timeGuards(): Promise<Finding> {
  await timeGuard();
  const usedBefore = processorSecondsOfTree(process.pid);
  const times: GuardTime[] = [];
  while (times.length < GUARDS) times.push(await timeGuard());
  const processorMs = ((processorSecondsOfTree(process.pid) - usedBefore) / GUARDS) * 1_000;
  const starts = times.map(({ startMs }) => startMs);
  const wholes = times.map(({ wholeMs }) => wholeMs);
  return judgeFigure({
    what: `the guard of a build tool, of which a build has two: from its start to its end, median of ${GUARDS}`,
    value: quantile(wholes, 0.5),
    unit: 'ms',
    beside: `; least ${Math.min(...wholes).toFixed(1)} ms, start alone ${quantile(starts, 0.5).toFixed(1)} ms, processor ${processorMs.toFixed(1)} ms`,
    atMost: MOST_MS,
  });
}

interface GuardTime {
  readonly startMs: number;
  readonly wholeMs: number;
}

async function timeGuard(): Promise<GuardTime> {
  const startedMs = performance.now();
  const guard = startBuildGuard(process.env['PATH'] ?? '');
  const startMs = performance.now() - startedMs;
  guard.watchSession(process.pid);
  guard.forgetSession(process.pid);
  await guard.release();
  return { startMs, wholeMs: performance.now() - startedMs };
}
