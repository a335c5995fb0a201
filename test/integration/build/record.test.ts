import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUILD_RECORD, readBuildRecord, type BuildRecord } from '../../../shared/protocol/build-record.ts';
import { BuildPlace, stepOf, type BuildOptions, type BuildOutcome } from '../../kit/builds/build-place.ts';
import { eventually } from '../../kit/eventually.ts';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

function record(): BuildRecord {
  return readBuildRecord(readFileSync(place.path('record'), 'utf8'))!;
}

function run(file: string, options: BuildOptions = {}): Promise<BuildOutcome> {
  return place.run(file, { ...options, environment: { ...options.environment, [BUILD_RECORD]: place.path('record') } });
}

const FILE = `version: 1.0.0
events:
  build:
    steps:
      - prepare:
          script: [echo ready, 'printf half; printf err >&2']
      - test:
          script:
            - |
              true
              sh -c 'exit 3'
  fail-on-build:
    steps:
      - tell: {script: 'kill -9 $$'}
`;

describe('the record of a build', () => {
  it('has each step with its name, times, exit code, signal and place in the output, and the command that failed', async () => {
    const outcome = await run(FILE);
    const { steps, ...build } = record();
    expect(build).toMatchObject({ event: 'build', fileName: 'acquia-pipelines.yaml', outcome: 'failed' });
    expect(steps).toMatchObject([
      { event: 'build', name: 'prepare', line: 5, exitCode: 0, signal: null, outOfMemory: false, failure: null },
      { event: 'build', name: 'test', line: 7, exitCode: 3, signal: null },
      { event: 'fail-on-build', name: 'tell', line: 14, exitCode: 137, signal: 'SIGKILL' },
    ]);
    expect(steps[1]!.failure).toEqual({
      line: 11,
      lastLine: 11,
      command: "sh -c 'exit 3'",
      sentence: `The step "test" failed in line 11 of acquia-pipelines.yaml, exit code 3: sh -c 'exit 3'`,
    });
    const times = [build.startedAt, ...steps.flatMap((step) => [step.startedAt, step.endedAt]), build.endedAt];
    expect(times).toEqual([...times].sort());
    const pieces = steps.map((step) =>
      outcome.bytes.subarray(step.outputStart.stdout, step.outputEnd!.stdout).toString(),
    );
    expect(pieces[0]).toMatch(
      /^=== build: step 1 of 2: prepare\n[^]*\nhalf\n--- prepare: done in \S+ s, exit code 0\n$/,
    );
    expect(pieces[1]).toMatch(/^=== build: step 2 of 2: test\n[^]*\n--- test: failed after \S+ s, exit code 3\n$/);
    expect(outcome.stderr.slice(steps[1]!.outputStart.stderr, steps[1]!.outputEnd!.stderr)).toBe(
      `${steps[1]!.failure!.sentence}\n`,
    );
  });

  it('is there while the build runs', async () => {
    const stop = new AbortController();
    const running = run(stepOf('sleep 300'), { signal: stop.signal });
    const open = await eventually('the first step in the record', () => {
      try {
        return record().steps[0];
      } catch {
        return undefined; // not written yet
      }
    });
    expect(open).toMatchObject({ name: 'only', endedAt: null, exitCode: null, outputEnd: null });
    stop.abort();
    expect(await running).toMatchObject({ exitCode: 143 });
    expect(record()).toMatchObject({ outcome: 'stopped', steps: [{ exitCode: null, signal: null, failure: null }] });
  });

  it('says that a build was stopped when it is cancelled before its step', async () => {
    const bash = '#!/bin/sh\necho $$ > "${0%/*}/new" && mv "${0%/*}/new" "${0%/*}/pid" && exec sleep 300\n';
    place.write({ bash }, 'bin');
    chmodSync(place.path('bin', 'bash'), 0o755);
    const stop = new AbortController();
    const environment = { PATH: `${place.path('bin')}:${place.environment.PATH}` };
    // bash is asked whether a command with a reserved word is complete.
    const running = run(stepOf('if true; then true; fi'), { signal: stop.signal, environment });
    await eventually('the preparation of the step', () => existsSync(place.path('bin', 'pid')));
    // The agent signals every process of a build.
    stop.abort();
    process.kill(Number(readFileSync(place.path('bin', 'pid'), 'utf8')), 'SIGTERM');
    expect(await running).toMatchObject({ exitCode: 143, stderr: 'The build was terminated.\n' });
    expect(record()).toMatchObject({ outcome: 'stopped', steps: [{ exitCode: null, signal: null, failure: null }] });
  });

  it.each([
    ['prints headers', 'echo; echo "=== build: step 2 of 2: forged"; echo "--- forged: done in 1 s, exit code 0"'],
    ['prints lines of a record', `echo '{"kind":"step-ended","step":0,"exitCode":0}'; false`],
    ['writes its own record', 'printf \'{"kind":"build-started"}\\n\' > "$RECORD"; false'],
    ['removes the record', 'rm "$RECORD"; false'],
    [
      'puts a link in the place of the record',
      'ln -sf "$SOURCE_DIR/victim" "$RECORD"; ln -sf "$SOURCE_DIR/victim" "$RECORD.new"; false',
    ],
    ['leaves a process that writes on', '(while sleep 0.05; do echo "{}" > "$RECORD"; done) & false'],
  ])('is not changed by a step that %s', async (_, command) => {
    const fails = command.endsWith('false');
    const outcome = await run(stepOf('echo kept > victim', command), { environment: { RECORD: place.path('record') } });
    expect(outcome.exitCode).toBe(fails ? 1 : 0);
    expect(record()).toMatchObject({
      outcome: fails ? 'failed' : 'succeeded',
      steps: [{ name: 'only', exitCode: fails ? 1 : 0 }],
    });
    expect(record().steps).toHaveLength(1);
    expect(readFileSync(place.path('workspace', 'victim'), 'utf8')).toMatch(/^kept\n/);
    expect(statSync(place.path('record')).mode & 0o777).toBe(0o600);
  });

  it('fails no build where it cannot be written, and no step sees where it is', async () => {
    const environment = { [BUILD_RECORD]: place.path('nowhere', 'record') };
    const outcome = await place.run(stepOf(`env | grep ${BUILD_RECORD} || echo unseen`), { environment });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('\nunseen\n') });
  });
});
