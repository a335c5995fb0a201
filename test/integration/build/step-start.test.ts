import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildOutput } from '../../../agent/build/build-output.ts';
import { BuildAborted } from '../../../agent/build/git/git.ts';
import { runStep } from '../../../agent/build/step/run-step.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { BUILD_RECORD, readBuildRecord } from '../../../shared/protocol/build-record.ts';
import { BuildPlace, type BuildOutcome } from '../../kit/builds/build-place.ts';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

function run(steps: string, environment: Readonly<Record<string, string>> = {}): Promise<BuildOutcome> {
  const file = `version: 1.0.0\nssh-keys: {packages: {secure: abc}}\nevents:\n  build:\n    steps:\n${steps}`;
  return place.run(file, {
    environment: { WIP_SECURE_KEY_packages: 'a key', [BUILD_RECORD]: place.path('record'), ...environment },
  });
}

describe('a step that removes all temporary files', () => {
  it.each(['rm -rf "$TMPDIR"/*', 'rm -rf "$TMPDIR"', 'rm -rf "$TMPDIR"; mkdir "$TMPDIR"'])(
    '%s spoils neither a later step nor its keys, and nothing is left behind',
    async (command) => {
      const outcome = await run(`      - clean: {script: '${command}'}
      - later: {script: 'cat "$TMPDIR"/wip-build-*/ssh-keys/packages'}
`);
      expect(outcome).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('\na key\n'), stderr: '' });
      expect(readdirSync(place.path('tmp'))).toEqual([]);
    },
  );
});

describe('a step that cannot be started', () => {
  // The directory of temporary files can never be made again.
  const STEPS = `      - break: {script: 'rm -rf "$TMPDIR" && touch "$TMPDIR"'}
      - later: {script: echo never}
  fail-on-build:
    steps:
      - mend: {script: echo never}
`;

  it('is not said to have failed when the build was stopped', async () => {
    const step = { name: 'one', type: 'script', script: ['true'], line: 1, scriptLines: [1] } as const;
    const location = { workspace: '/', privateDirectory: '/nonexistent', environment: {}, fileName: 'file' };
    const start = (abort: AbortSignal): Promise<unknown> => {
      const streams = { stdout: () => undefined, stderr: () => undefined };
      const deps = { clock: systemClock, oomKills: () => null, output: new BuildOutput(streams), abort };
      return runStep({ ...step, script: [...step.script], scriptLines: [...step.scriptLines] }, location, deps);
    };
    await expect(start(AbortSignal.abort())).rejects.toThrow(BuildAborted);
    await expect(start(new AbortController().signal)).rejects.toMatchObject({
      code: 'WORKSPACE_UNUSABLE',
      message: expect.stringMatching(/could not be made: .*; mkfifo: .*No such file or directory\. Install/),
    });
  });

  it('has failed: the record says why, and the steps of fail-on-build are tried', async () => {
    const outcome = await run(STEPS);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toMatch(
      /^(?:WORKSPACE_UNUSABLE: .*ENOTDIR.*\n){2}warning: .* could not be removed: ENOTDIR.*\n$/,
    );
    expect(outcome.stdout).toContain('--- later: could not be started\n');
    expect(outcome.stdout).toContain('=== fail-on-build: step 1 of 1: mend\n');
    const { steps } = readBuildRecord(readFileSync(place.path('record'), 'utf8'))!;
    expect(steps.map(({ name, exitCode }) => [name, exitCode])).toEqual([
      ['break', 0],
      ['later', 126],
      ['mend', 126],
    ]);
    expect(steps[1]!.failure).toMatchObject({
      line: 7,
      sentence: expect.stringMatching(/^The step "later" could not be started: The build cannot go on: ENOTDIR/),
    });
  });
});

describe('the program that makes the pipes of a step', () => {
  it('is that of the system, whatever the build file puts first into PATH', async () => {
    place.write({ 'workspace/bin/mkfifo': '#!/bin/sh\nexit 1\n' });
    const outcome = await run(
      `      - one: {script: 'chmod +x bin/mkfifo'}
      - two: {script: 'echo on'}
`,
      { PATH: `${place.path('workspace', 'bin')}:${process.env['PATH'] ?? ''}` },
    );
    expect(outcome).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('\non\n') });
  });
});
