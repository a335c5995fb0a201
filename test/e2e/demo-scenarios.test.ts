import { readdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disturbBuild, SCENARIOS } from '../../config/demo-scenarios.ts';
import type { Development } from '../../controlplane/cli/node/start-development.ts';
import { isSuccess } from '../../shared/model/status.ts';
import { makeBareRepository, makeSample } from '../kit/builds/git-place.ts';
import { Workplace } from '../kit/programs/program.ts';
import { startSystem, WatchedBuild } from '../kit/builds/watched-build.ts';
import { lastLine, pathOf, RELEASE, TO_THE_BUILD } from '../kit/agent/watched-path.ts';

const NAMES = ['disk', 'timeout', 'crash'] as const;
type Name = (typeof NAMES)[number];

// One system, where the builds wait beside each other: one for its limit, one for last words that cannot come.
let place: Workplace;
let system: Development;
let shown: Record<Name, Promise<{ out: string; id: number; isDone: boolean }>>;
beforeAll(async () => {
  place = new Workplace();
  system = await startSystem(place);
  shown = { disk: show('disk'), timeout: show('timeout'), crash: show('crash') };
  // A failure belongs to the test of its scenario, which may not wait for it yet.
  for (const scenario of Object.values(shown)) scenario.catch(() => undefined);
});
afterAll(async () => {
  await Promise.allSettled(Object.values(shown));
  await system.close();
  rmSync(place.path('.wip'), { recursive: true, force: true });
  for (const name of NAMES) rmSync(place.path(name), { recursive: true, force: true });
  await place.becomesQuiet();
  expect(readdirSync(place.directory)).toEqual([]);
  await place.remove();
});

/** The build of the scenario with the options and the build file of the demo, and what it disturbs it with. */
async function show(name: Name): Promise<{ out: string; id: number; isDone: boolean }> {
  const scenario = SCENARIOS[name];
  const build = await WatchedBuild.start(system, {
    sourceVcsUri: makeSample(place.path(name, 'source'), name),
    vcsPath: 'main',
    deployVcsUri: makeBareRepository(place.path(name, 'artefact.git')),
    ...('options' in scenario ? scenario.options : {}),
  });
  const over = new AbortController();
  const disturbed = disturbBuild(scenario, { client: build.client, id: build.id, development: system }, over.signal);
  const end = await build.ended;
  over.abort();
  await disturbed;
  return { out: build.out, id: build.id, isDone: isSuccess(end.exitStatus) };
}

describe('a scenario of npm run demo', () => {
  it('disk: ends the build at its limit with the figures, and does not print its output twice', async () => {
    const { out, id, isDone } = await shown.disk;
    expect(isDone).toBe(false);
    expect(pathOf(out)).toEqual([...TO_THE_BUILD, 'containerTerminated', ...RELEASE]);
    expect(out.match(/^unpacked piece 3 of 50/gm)).toHaveLength(1);
    expect(lastLine(out).replace(`Task ${id} `, 'Task 1 ')).toMatch(
      /^Task 1 failed through an error in the build: The disk limit was exceeded: the build used 0\.\d+ GB of 0\.05 GB; /,
    );
  });

  it('timeout: ends the build at its limit, through an error in the build', async () => {
    const { out, id, isDone } = await shown.timeout;
    expect(isDone).toBe(false);
    expect(pathOf(out).slice(-7)).toEqual(['containerTerminated', ...RELEASE]);
    expect(lastLine(out).replace(`Task ${id} `, 'Task 1 ')).toMatch(
      /^Task 1 failed through an error in the build: The time limit was exceeded: the container ran for 1[2-9](?:\.\d+)? s of 12 s\. /,
    );
  });

  it('crash: finds out by itself that the container died, and says what is known', async () => {
    const { out, id, isDone } = await shown.crash;
    expect(isDone).toBe(false);
    expect(pathOf(out)).toEqual([...TO_THE_BUILD, 'containerTerminated', ...RELEASE]);
    expect(out).toContain('imported batch 1 of 120\n');
    expect(lastLine(out).replace(`Task ${id} `, 'Task 1 ')).toMatch(
      /^Task 1 failed through an error of the system: The container terminated unexpectedly\. The container was killed \(exit code 137\) [^()]+\. Its container used /,
    );
  });
});
