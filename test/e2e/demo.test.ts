import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program, useWorkplace, Workplace, type ProgramEnd } from '../kit/program.ts';

const DEMO = 'config/demo.ts';

/** The states of the path that was printed, in their order. */
function pathOf(out: string): string[] {
  return [...out.matchAll(/^ +[\d.]+ \w+ .*→ (\w+)/gm)].map(([, state]) => state ?? '');
}

function lastLine(out: string): string {
  return out.trimEnd().split('\n').at(-1) ?? '';
}

function expectNothingLeft(place: Workplace): void {
  expect(readdirSync(place.directory)).toEqual([]);
}

const TO_THE_BUILD = [
  'start',
  'containerWipStart',
  'containerWipInvoke',
  'containerWipContainerLaunched',
  'containerWipSetupEnvironment',
  'containerWipCheckSsh',
  'containerWipCheckResources',
  'ensureBuildUser',
  'ensureVcsUri',
  'establishWorkspaceSshKey',
  'createGitWrapper',
  'writeUserEnvironmentVars',
  'reportPipelinesMetaData',
  'exportBuildFileAsJson',
  'executeBuildScript',
];
const RELEASE = [
  'containerWipStop',
  'containerWipFinish',
  'containerWipRelease',
  'containerWipWaitForRelease',
  'containerStopped',
  'finish',
];

async function runDemo(scenario?: string): Promise<ProgramEnd & { place: Workplace }> {
  const place = useWorkplace();
  const end = await place.run(DEMO, scenario ? ['--scenario', scenario] : []);
  await place.becomesQuiet();
  return { ...end, place };
}

const MINUTES_MS = 120_000;

describe('npm run demo', { timeout: MINUTES_MS }, () => {
  // It waits 30 s for last words that cannot come; the other scenarios run meanwhile.
  let crash: { place: Workplace; program: Program };
  beforeAll(() => {
    const place = new Workplace();
    const program = Program.start(DEMO, ['--scenario', 'crash'], { environment: { TMPDIR: place.directory } });
    crash = { place, program };
  });
  afterAll(async () => {
    await crash.program.close();
    crash.place.remove();
  });

  it('builds, pushes the artefact, releases the container and says so in one sentence', async () => {
    const { code, out, err, place } = await runDemo();
    expect([code, err]).toEqual([0, '']);
    expect(pathOf(out)).toEqual([...TO_THE_BUILD, 'logBuildSuccessMessage', 'releaseWorkspaceSshKey', ...RELEASE]);
    expect(out).toContain('ok 1 - text is escaped\n');
    expect(out).toMatch(/^--- artefact: commit [0-9a-f]{40} pushed in /m);
    expect(lastLine(out)).toMatch(
      /^Task 1 completed: The build succeeded\. The artefact is on pipelines-build-main\. Its container used [\d.]+ m?s, [\d.]+ GB of disk and \d+ MB of memory\.$/,
    );
    expectNothingLeft(place);
  });

  it('fail: names the step, its line and its exit code, and runs fail-on-build', async () => {
    const { code, out, place } = await runDemo('fail');
    expect(code).toBe(1);
    expect(pathOf(out)).toEqual([...TO_THE_BUILD, 'logBuildFailureMessage', 'releaseWorkspaceSshKey', ...RELEASE]);
    expect(out).toContain('The step "test" failed in line 13 of acquia-pipelines.yaml, exit code 3');
    expect(out).toContain('The tests failed; nothing is deployed.\n');
    expect(out).not.toContain('neither is this step\n');
    expect(lastLine(out)).toMatch(
      /^Task 1 failed through an error in the build: Failed while running the build script\. Its container used /,
    );
    expectNothingLeft(place);
  });

  it('disk: ends the build at its limit with the figures, and does not print its output twice', async () => {
    const { code, out, place } = await runDemo('disk');
    expect(code).toBe(1);
    expect(pathOf(out)).toEqual([...TO_THE_BUILD, 'containerTerminated', ...RELEASE]);
    expect(out.match(/^unpacked piece 3 of 50/gm)).toHaveLength(1);
    expect(lastLine(out)).toMatch(
      /^Task 1 failed through an error in the build: The disk limit was exceeded: the build used 0\.\d+ GB of 0\.05 GB; /,
    );
    expectNothingLeft(place);
  });

  it('timeout: ends the build at its limit, through an error in the build', async () => {
    const { code, out, place } = await runDemo('timeout');
    expect(code).toBe(1);
    expect(pathOf(out).slice(-7)).toEqual(['containerTerminated', ...RELEASE]);
    expect(lastLine(out)).toMatch(
      /^Task 1 failed through an error in the build: The time limit was exceeded: the container ran for 1[2-9] s of 12 s\. /,
    );
    expectNothingLeft(place);
  });

  it('terminate: ends the build as somebody asked, and says once that it is being ended', async () => {
    const { code, out, place } = await runDemo('terminate');
    expect(code).toBe(1);
    expect(pathOf(out)).toEqual([...TO_THE_BUILD, 'terminate', ...RELEASE]);
    expect(out.match(/^Task 1: /gm)).toHaveLength(1);
    expect(lastLine(out)).toMatch(/^Task 1 was terminated: The request to terminate has been processed\. /);
    expectNothingLeft(place);
  });

  it('crash: finds out by itself that the container died, and says what is known', async () => {
    const { code, out } = await crash.program.ended;
    expect(code).toBe(1);
    expect(pathOf(out)).toEqual([...TO_THE_BUILD, 'containerTerminated', ...RELEASE]);
    expect(out).toContain('imported batch 1 of 120\n');
    expect(lastLine(out)).toMatch(
      /^Task 1 failed through an error of the system: The container terminated unexpectedly\. The container was killed \(exit code 137\) [^()]+\. Its container used /,
    );
    await crash.place.becomesQuiet();
    expectNothingLeft(crash.place);
  });

  it('runs twice at once in one clone', async () => {
    const place = useWorkplace();
    const both = await Promise.all([place.run(DEMO, []), place.run(DEMO, [])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    await place.becomesQuiet();
    expectNothingLeft(place);
  });

  it('refuses a scenario that there is not, and names those that there are', async () => {
    const place = useWorkplace();
    const { code, err } = await place.run(DEMO, ['--scenario', 'flood']);
    expect(code).toBe(2);
    expect(err).toBe(
      'There is no scenario "flood". Use one of success, disk, timeout, fail, crash, terminate. [USAGE]\n',
    );
    expect(existsSync(join(place.directory, 'wip-demo'))).toBe(false);
  });

  it('refuses an argument that it does not know', async () => {
    const place = useWorkplace();
    const { code, err } = await place.run(DEMO, ['--fast']);
    expect(code).toBe(2);
    expect(err).toBe('Unknown option \'--fast\'. Use "npm run demo" or "npm run demo -- --scenario NAME". [USAGE]\n');
  });
});
