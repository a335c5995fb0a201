import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildFile, makeRepository } from '../kit/builds/git-place.ts';
import { withServer, type BenchServer } from './bench-server.ts';
import { timeBareBuild, type TrivialBuild } from './build-bare.ts';
import { timeGuards } from './build-guard.ts';
import { timePolledBuild } from './build-polling.ts';
import { afterReadyMs, timelineOf, type RecordedBuild, type TimedPart } from './build-timeline.ts';
import { WipSystem } from './build-wip.ts';
import { judgeFigure, quantile, type Finding } from './measure.ts';
import { placeAgentBinary } from './place-agent-binary.ts';
import { processorSecondsOfTree } from './processor-time.ts';

const SCRIPT = 'echo built > built.txt';
const BUILDS = 15;
// On a machine with others at work a build takes ten times as long. No further build begins after this time.
const BOUND_MS = 90_000;
const MOST_ADDED_MS = 600;
const MOST_ADDED_AFTER_READY_MS = 250;
const LEAST_FASTER = 15;

/**
 * Builds one trivial repository three ways: by one bash, by Wip with the compiled agent on local ECS, and by a shell
 * entrypoint with sshd that is polled. The promises are for an idle machine.
 */
export async function benchBuild(): Promise<readonly Finding[]> {
  const binary = await placeAgentBinary();
  try {
    return await withServer((server) => compareWays(server, binary.path));
  } finally {
    binary.remove();
  }
}

async function compareWays(server: BenchServer, agentBinary: string): Promise<Finding[]> {
  const repository = makeRepository(join(server.directory, 'trivial'), { 'acquia-pipelines.yaml': buildFile(SCRIPT) });
  const build = { repository, script: SCRIPT };
  const { bare, wip, processor } = await buildByTurns(server, agentBinary, build);
  const bareMs = quantile(bare, 0.5);
  const totals = wip.map(({ postedAt, completedAt }) => completedAt.getTime() - postedAt.getTime());
  const totalMs = quantile(totals, 0.5);
  const added = (values: readonly number[], what: string, atMost: number): Finding =>
    judgeFigure({
      what: `a trivial build: Wip adds to a bare process ${what}, median of ${wip.length}`,
      value: quantile(values, 0.5) - bareMs,
      unit: 'ms',
      beside: `; least ${(Math.min(...values) - Math.min(...bare)).toFixed(0)} ms, bare process ${bareMs.toFixed(0)} ms`,
      atMost,
    });
  return [
    added(totals, 'in all', MOST_ADDED_MS),
    added(wip.map(afterReadyMs), 'after the ready signal', MOST_ADDED_AFTER_READY_MS),
    judgeFigure({
      what: 'a trivial build: processor time',
      value: processor / wip.length,
      unit: 's',
      beside: ' a build, with the bare one and the measuring',
    }),
    await timeGuards(),
    await compareWithPolling(build, totalMs),
    tableOf(wip.map(timelineOf)),
  ];
}

/** The bare process and Wip take turns, so that both meet the same load of others. The first build of each is not counted. */
async function buildByTurns(
  server: BenchServer,
  agentBinary: string,
  build: TrivialBuild,
): Promise<{ bare: number[]; wip: RecordedBuild[]; processor: number }> {
  const system = await WipSystem.start(server, agentBinary);
  try {
    const bare: number[] = [];
    const wip: RecordedBuild[] = [];
    await timeBareBuild(build, server.directory);
    await system.build(build.repository);
    // Node, PostgreSQL, local ECS and its agents are this process or descend from it; so do the bare builds.
    const used = (): number => processorSecondsOfTree(process.pid);
    const usedBefore = used();
    const startedMs = performance.now();
    while (wip.length < BUILDS && (wip.length === 0 || performance.now() - startedMs < BOUND_MS)) {
      bare.push(await timeBareBuild(build, server.directory));
      wip.push(await system.build(build.repository));
    }
    return { bare, wip, processor: used() - usedBefore };
  } finally {
    await system.close();
  }
}

async function compareWithPolling(build: TrivialBuild, wipMs: number): Promise<Finding> {
  const what = 'a trivial build: times faster than a shell entrypoint that is polled';
  if (!existsSync('/usr/sbin/sshd'))
    return { what, measured: 'no sshd here to compare with', promise: 'nothing', isKept: true };
  const polledMs = await timePolledBuild(build);
  const beside = `; polled ${(polledMs / 1_000).toFixed(1)} s, Wip ${(wipMs / 1_000).toFixed(2)} s`;
  return judgeFigure({ what, value: polledMs / wipMs, unit: '×', beside, atLeast: LEAST_FASTER });
}

/** A build may lack a wait that others have: parts are put together by name. */
function tableOf(timelines: readonly (readonly TimedPart[])[]): Finding {
  const byName = new Map<string, number[]>();
  for (const { name, ms } of timelines.flat()) byName.set(name, [...(byName.get(name) ?? []), ms]);
  const rows = [...byName].map(([name, values]) => [
    name,
    quantile(values, 0.5).toFixed(0),
    Math.min(...values).toFixed(0),
    String(values.length),
  ]);
  return { title: 'parts of a trivial build', columns: ['', 'median ms', 'least ms', 'builds'], rows };
}
