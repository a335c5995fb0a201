import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useWorkplace, type Workplace } from '../kit/programs/program.ts';
import { lastLine, pathOf, RELEASE, TO_THE_BUILD } from '../kit/agent/watched-path.ts';

const DEMO = 'config/demo.ts';

function expectNothingLeft(place: Workplace): void {
  expect(readdirSync(place.directory)).toEqual([]);
}

// Whole programs. What the other scenarios show is in demo-scenarios.test.ts.
describe('npm run demo', () => {
  it('builds, pushes the artefact, releases the container and says so in one sentence, twice at once in one clone', async () => {
    const place = useWorkplace();
    const both = await Promise.all([place.run(DEMO, []), place.run(DEMO, [])]);
    for (const { code, out, err } of both) {
      expect([code, err]).toEqual([0, '']);
      expect(pathOf(out)).toEqual([...TO_THE_BUILD, 'logBuildSuccessMessage', 'releaseWorkspaceSshKey', ...RELEASE]);
      expect(out).toContain('ok 1 - text is escaped\n');
      expect(out).toMatch(/^--- artefact: commit [0-9a-f]{40} pushed in /m);
      expect(lastLine(out)).toMatch(
        /^Task 1 completed: The build succeeded\. The artefact is on pipelines-build-main\. Its container used [\d.]+ m?s, [\d.]+ GB of disk and \d+ MB of memory\.$/,
      );
    }
    await place.becomesQuiet();
    expectNothingLeft(place);
  });

  it('fail: names the step, its line and its exit code, and runs fail-on-build', async () => {
    const place = useWorkplace();
    const { code, out } = await place.run(DEMO, ['--scenario', 'fail']);
    expect(code).toBe(1);
    expect(pathOf(out)).toEqual([...TO_THE_BUILD, 'logBuildFailureMessage', 'releaseWorkspaceSshKey', ...RELEASE]);
    expect(out).toContain('The step "test" failed in line 16 of acquia-pipelines.yaml, exit code 3');
    expect(out).toContain('The tests failed; nothing is deployed.\n');
    expect(out).not.toContain('neither is this step\n');
    expect(lastLine(out)).toMatch(
      /^Task 1 failed through an error in the build: The step "test" failed in line 16 of acquia-pipelines\.yaml, exit code 3: .+\. Its container used /,
    );
    await place.becomesQuiet();
    expectNothingLeft(place);
  });

  // A program: what a person is told depends on what else the system does at the time.
  it('terminate: ends the build as somebody asked, and says once that it is being ended', async () => {
    const place = useWorkplace();
    const { code, out } = await place.run(DEMO, ['--scenario', 'terminate']);
    expect(code).toBe(1);
    expect(pathOf(out)).toEqual([...TO_THE_BUILD, 'terminate', ...RELEASE]);
    expect(out.match(/^Task 1: /gm)).toHaveLength(1);
    expect(lastLine(out)).toMatch(/^Task 1 was terminated: It was terminated at the request of \w+\. /);
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
