import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildPlace, stepOf } from '../../kit/builds/build-place.ts';
import { eventually } from '../../kit/eventually.ts';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

/** Returns whether the process exists and is no zombie. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // no such process
  }
}

const TWO_STEPS = `version: 1.0.0
variables:
  global:
    NAME: world
    GREETING: Hello $NAME
events:
  build:
    steps:
      - first:
          script:
            - cd / && here=kept
            - echo "$GREETING from $PWD, $here"
      - second:
          script:
            - echo "$PWD is $SOURCE_DIR, \${here:-gone}, $PIPELINES_EVENT of $PIPELINES_VCS_PATH"
`;

describe('build run', () => {
  it('runs the steps in order, one bash each, in the workspace, with the variables', async () => {
    const outcome = await place.run(TWO_STEPS);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    const workspace = place.path('workspace');
    const lines = outcome.stdout
      .replace(/in [\d.]+ s/g, 'in N s')
      .trim()
      .split('\n');
    expect(lines).toEqual([
      '=== build: step 1 of 2: first',
      '$ cd / && here=kept',
      '$ echo "$GREETING from $PWD, $here"',
      'Hello world from /, kept',
      '--- first: done in N s, exit code 0',
      '',
      '=== build: step 2 of 2: second',
      expect.stringMatching(/^\$ echo/),
      `${workspace} is ${workspace}, gone, build of main`,
      '--- second: done in N s, exit code 0',
    ]);
  });

  it.each([
    ['> /dev/stderr', 'echo hello > /dev/stderr', 'stderr'],
    ['> /dev/stdout', 'echo hello > /dev/stdout', 'stdout'],
    ['tee /dev/stdout', 'echo hello | tee /dev/stdout', 'stdout'],
    ['tee /dev/stderr', 'echo hello | tee /dev/stderr >/dev/null', 'stderr'],
    ['>> /proc/self/fd/1', 'echo hello >> /proc/self/fd/1', 'stdout'],
    ['>> /dev/fd/2', 'echo hello >> /dev/fd/2', 'stderr'],
    ['open("/dev/stdout", "w")', `node -e 'require("fs").writeFileSync("/dev/stdout", "hello\\n")'`, 'stdout'],
    ['dd of=/dev/stderr', 'echo hello | dd of=/dev/stderr status=none', 'stderr'],
    ['in a child of a child', `sh -c 'sh -c "echo hello >/dev/stderr"'`, 'stderr'],
  ] as const)(
    'does not fail with "No such device or address" when a step opens its output by name: %s',
    async (_how, command, stream) => {
      const outcome = await place.run(stepOf('echo before', command, 'echo after'));
      expect(outcome.stderr).not.toContain('No such device');
      expect(outcome.exitCode).toBe(0);
      const lines = outcome[stream].split('\n').filter((line) => /^(before|hello|after)$/.test(line));
      // tee writes to its own stdout as well.
      expect([...new Set(lines)]).toEqual(stream === 'stdout' ? ['before', 'hello', 'after'] : ['hello']);
    },
  );

  it('prints its own lines and both streams of the steps in the order in which they were written', async () => {
    const file = `version: 1.0.0
events:
  build:
    steps:
      - first: { script: ['echo out >&1', 'sleep 0.1', 'echo err >&2'] }
      - second: { script: ['echo err again >/dev/stderr'] }
`;
    const { all } = await place.run(file);
    expect(all.replace(/in [\d.]+ s/g, 'in N s').match(/^(=== |--- |out|err).*$/gm)).toEqual([
      '=== build: step 1 of 2: first',
      'out',
      'err',
      '--- first: done in N s, exit code 0',
      '=== build: step 2 of 2: second',
      'err again',
      '--- second: done in N s, exit code 0',
    ]);
  });

  it('gives a step pipes and no terminal, and leaves nothing of them behind', async () => {
    const outcome = await place.run(
      stepOf(
        'test -p /dev/stdout && test -p /dev/stderr && ! test -t 1 && ls "$TMPDIR"/wip-build-* && ls /proc/self/fd',
      ),
    );
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stdout).not.toMatch(/^std(out|err)$/m);
  });

  it('puts no line of its own behind output without a line end', async () => {
    const { all } = await place.run(stepOf('printf half', 'printf err >&2; sleep 0.2', 'true'));
    expect(
      all
        .replace(/in [\d.]+ s/, 'in N s')
        .split('\n')
        .slice(2),
    ).toEqual([
      '$ printf half',
      'half',
      '$ printf err >&2; sleep 0.2',
      'err',
      '$ true',
      '--- only: done in N s, exit code 0',
      '',
    ]);
  });

  it('keeps what was written before a step "truncates" its output', async () => {
    const outcome = await place.run(stepOf('seq 1 5000', ': > /dev/stdout', 'seq 5001 10000 > /dev/stdout'));
    const numbers = outcome.stdout.split('\n').filter((line) => /^\d+$/.test(line));
    expect(numbers).toEqual(Array.from({ length: 10_000 }, (_, at) => String(at + 1)));
  });

  it('stops at the first failing command and names step, line, exit code and command', async () => {
    const outcome = await place.run(stepOf('echo one', 'sh -c "exit 3"', 'echo never'));
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stdout).toContain('one\n');
    expect(outcome.stdout).not.toContain('never');
    expect(outcome.stderr).toBe(
      'The step "only" failed in line 8 of acquia-pipelines.yaml, exit code 3: sh -c "exit 3"\n',
    );
  });

  it.each([
    ['a command in a pipe', ['false | cat', 'echo never'], 7, 'exit code 1'],
    ['a line in the middle of a command', ['echo a\nfalse\necho never', 'echo never'], 7, 'exit code 1'],
    ['a syntax error, which spoils only its own command', ['echo fine', 'if true; then', 'fi'], 8, 'exit code 2'],
    ['a program that does not exist', ['echo fine', 'no-such-program', 'echo never'], 8, 'exit code 127'],
    ['a function that fails', ['f() { false; echo never; }', 'f', 'echo never'], 8, 'exit code 1'],
    ['its own shell being killed', ['echo fine', 'kill -9 $$', 'echo never'], 8, 'ended by SIGKILL'],
    ['exit', ['echo fine', 'exit 7', 'echo never'], 8, 'exit code 7'],
    ['the last command, where set +e was said', ['set +e', 'false', 'true; (exit 5)'], 9, 'exit code 5'],
  ])('fails because of %s', async (_, commands, line, how) => {
    const outcome = await place.run(stepOf(...commands));
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stdout).not.toMatch(/^never/m);
    expect(outcome.stderr).toContain(`The step "only" failed in line ${line} of acquia-pipelines.yaml, ${how}`);
  });

  it.each([
    ['set +e', ['set +e', 'false', 'echo done']],
    ['a condition', ['if false; then echo no; fi', 'false || true', '! true || true']],
    ['exit 0, which ends the step early', ['exit 0', 'false']],
    ['quotes of every kind', [`echo "it's" 'a "quote"' $'tab\\t' \`echo back\``]],
    ['a here document', ['cat <<EOF\none\nEOF', 'echo two']],
    ['a closed stdout', ['exec 1>&-', 'true']],
    ['a step that empties the temporary directory', ['rm -rf "$TMPDIR"/*', 'true']],
  ])('does not fail because of %s', async (_, commands) => {
    expect(await place.run(stepOf(...commands))).toMatchObject({ exitCode: 0 });
  });

  it('runs the fail-on-build steps after a failure, and fails all the same', async () => {
    const file = `${stepOf('false')}  fail-on-build:\n    steps:\n      - tell:\n          script: echo "telling, $PIPELINES_EVENT"\n`;
    const outcome = await place.run(file);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stdout).toContain('telling, fail-on-build\n');
    expect(await place.run(file.replace('"false"', '"true"'))).toMatchObject({
      exitCode: 0,
      stdout: expect.not.stringContaining('telling'),
    });
  });

  it.each([
    ['(exit 4)', 'step a b, line 5, code 4, signal none: (exit 4)'],
    ['kill -9 $$', 'step a b, line 5, code 137, signal SIGKILL: kill -9 $$'],
  ])('tells fail-on-build what failed: %s', async (command, told) => {
    const tell =
      'step $PIPELINES_FAILED_STEP, line $PIPELINES_FAILED_LINE, code $PIPELINES_FAILED_EXIT_CODE, signal ${PIPELINES_FAILED_SIGNAL-none}: $PIPELINES_FAILED_COMMAND';
    const file = `version: 1.0.0
events:
  build:
    steps:
      - a b: {script: ['true', '${command}']}
  fail-on-build: {steps: [{tell: {script: 'echo "${tell}"'}}]}
`;
    expect((await place.run(file)).stdout).toContain(`\n${told}\n`);
  });

  it('says CI=true, and has characters beyond ASCII whatever the image says', async () => {
    const file = stepOf('echo "$CI"', 'x=ü; echo "${#x} characters"');
    expect((await place.run(file, { environment: { LANG: undefined } })).stdout).toMatch(
      /\ntrue\n[^]*\n1 characters\n/,
    );
    expect((await place.run(file, { environment: { LC_ALL: 'C' } })).stdout).toContain('\n2 characters\n');
    const own = { environment: { CI: 'jenkins', LANG: '' } };
    expect((await place.run(file, own)).stdout).toMatch(/\njenkins\n[^]*\n1 characters\n/);
  });

  it('runs another event when told to, and says when there is nothing to do', async () => {
    const file = `${stepOf('echo building')}  post-deploy: {steps: [{after: {script: echo deployed}}]}\n`;
    const argv = ['--event', 'post-deploy'];
    const outcome = await place.run(file, { argv });
    expect(outcome).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('\ndeployed\n') });
    expect(outcome.stdout).not.toContain('building');
    expect(await place.run(stepOf('x'), { argv })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('no steps'),
    });
  });

  it('gives secure values to the steps, and nothing else that begins with WIP_', async () => {
    const file = `variables: {global: {TOKEN: {secure: x}}}\n${stepOf('echo "token $TOKEN"', 'env | grep ^WIP_ || true')}`;
    const environment = { WIP_SECURE_VAR_TOKEN: 'a b$c', WIP_ENROL: 'x', WIP_PROCESS: 'uuid' };
    const outcome = await place.run(file, { environment });
    expect(outcome.stdout).toContain('\ntoken a b$c\n');
    expect(outcome.stdout.match(/^WIP_.*$/gm)).toEqual(['WIP_PROCESS=uuid']);
  });

  it('runs nothing when a secure value is missing, and names it', async () => {
    const outcome = await place.run(`variables: {global: {TOKEN: {secure: x}}}\n${stepOf('echo ran')}`);
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^SECURE_VALUE_MISSING: .*"TOKEN" \(WIP_SECURE_VAR_TOKEN\)/);
  });

  it('lets git in the steps use the SSH keys, which lie outside the workspace and are gone at the end', async () => {
    place.write({
      ssh: '#!/bin/sh\necho "ssh $*" >&2\nwhile [ $# -gt 0 ]; do [ "$1" = -i ] && stat -c %a "$2" >&2 && cat "$2" >&2; shift; done\n',
    });
    const file = `ssh-keys: {deploy-key: {secure: x}}\n${stepOf('git ls-remote git@example.com:x.git || true')}`;
    const environment = { WIP_SECURE_KEY_deploy_key: 'KEY TEXT', GIT_SSH_COMMAND: `sh ${place.path('ssh')} -v` };
    const outcome = await place.run(file, { environment });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr).toMatch(/^ssh -v -i \S+\/tmp\/\S+\/ssh-keys\/deploy-key .*git@example\.com/m);
    expect(outcome.stderr).toContain('600\nKEY TEXT\n');
    expect(readdirSync(place.path('tmp'))).toEqual([]);
  });

  it('passes bytes through as they are', async () => {
    const outcome = await place.run(stepOf("printf 'a\\xc3'", "printf '\\xa9 \\xff\\x00z\\n'"));
    expect(outcome.bytes.includes(Buffer.from([0xff, 0x00, 0x7a, 0x0a]))).toBe(true);
    expect(outcome.stdout).not.toContain('\ufffd\ufffd');
  });

  it('loses nothing of a slow reader, and holds up the step instead', async () => {
    const reader = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const outcome = await place.run(stepOf('head -c 3000000 /dev/zero; echo; echo end'), { reader });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.bytes.filter((byte) => byte === 0)).toHaveLength(3_000_000);
    expect(outcome.stdout).toMatch(/\nend\n--- only: done in \S+ s, exit code 0\n$/);
  });

  it('lets a background process serve later steps, and ends it with the build', async () => {
    const file = `version: 1.0.0
events:
  build:
    steps:
      - serve: {script: ['sleep 300 & echo $! > pid']}
      - use: {script: ['kill -0 $(cat pid)']}
`;
    expect(await place.run(file)).toMatchObject({ exitCode: 0 });
    const pid = Number(readFileSync(place.path('workspace', 'pid'), 'utf8'));
    await eventually('the end of the background process', () => !isRunning(pid));
  });

  it('ends a process that left its session also where no agent has marked it', async () => {
    const environment = { WIP_PROCESS: undefined };
    const outcome = await place.run(stepOf('setsid sh -c "echo \\$\\$ > pid; exec sleep 300" & sleep 0.3'), {
      environment,
    });
    expect(outcome.exitCode).toBe(0);
    const pid = Number(readFileSync(place.path('workspace', 'pid'), 'utf8'));
    await eventually('the end of the process', () => !isRunning(pid));
  });

  it.each([
    ['an obedient step', 'echo $$ > pid; sleep 300'],
    ['a step that ignores TERM', 'trap "" TERM; echo $$ > pid; while true; do sleep 0.1; done'],
  ])('when told to stop, ends %s and all its children, runs nothing more and answers 143', async (_, command) => {
    const stop = new AbortController();
    const file = `${stepOf(command)}  fail-on-build: {steps: [{tell: {script: echo telling}}]}\n`;
    place.write({ 'acquia-pipelines.yaml': file }, 'workspace');
    const running = place.run(file, { signal: stop.signal });
    const pid = await eventually('the start of the step', () => {
      try {
        return Number(readFileSync(place.path('workspace', 'pid'), 'utf8'));
      } catch {
        return 0; // not written yet
      }
    });
    stop.abort();
    const outcome = await running;
    expect(outcome).toMatchObject({ exitCode: 143, stderr: expect.stringContaining('The build was terminated.\n') });
    expect(outcome.stdout).not.toContain('telling');
    await eventually('the end of the step', () => !isRunning(pid));
    expect(readdirSync(place.path('tmp'))).toEqual([]);
  });

  it('says what is missing: the workspace, the build file, bash', async () => {
    const argv = ['run', '--workspace', 'nowhere', '--source-path', 'main'];
    expect(await place.build(argv)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^WORKSPACE_UNUSABLE: /),
    });
    place.write({ 'README.md': '' }, 'workspace');
    argv[2] = 'workspace';
    expect(await place.build(argv)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^BUILD_FILE_MISSING: /),
    });
    const outcome = await place.run(stepOf('true'), { environment: { PATH: '/nonexistent' } });
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^BASH_MISSING: /) });
  });

  it('says of a variable of 200 kB that it is too large, and names it without its value', async () => {
    const file = `variables: {global: {HALF: ${'x'.repeat(100_000)}, BIG: $HALF$HALF}}\n${stepOf('true')}`;
    const { exitCode, stderr } = await place.run(file);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^ENVIRONMENT_TOO_LARGE: .* more than 131071 bytes.*: BIG \(200004 bytes\)\. Put /);
    expect(stderr.length).toBeLessThan(300);
  });

  it('says of variables that are too large together which are the largest', async () => {
    const names = Array.from({ length: 60 }, (_, at) => `V${at}`);
    const environment = Object.fromEntries(names.map((name, at) => [name, 'x'.repeat(130_000 - at)]));
    const { stderr } = await place.run(stepOf('true'), { environment });
    expect(stderr).toMatch(
      /^ENVIRONMENT_TOO_LARGE: All .* the largest are V0 \(130003 bytes\), V1 \(130002 bytes\), V2 /,
    );
  });

  it('says so when a step deletes the workspace', async () => {
    const file = `version: 1.0.0\nevents: {build: {steps: [{a: {script: 'rm -rf "$SOURCE_DIR"'}}, {b: {script: pwd}}]}}\n`;
    const outcome = await place.run(file);
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/WORKSPACE_UNUSABLE: .*"b"/) });
  });

  it.each([
    ['a file', 'cd ..; rm -rf "$SOURCE_DIR"; touch "$SOURCE_DIR"', 'is not a directory when the step "b" is to start'],
    [
      'a link to itself',
      'cd ..; rm -rf "$SOURCE_DIR"; ln -s workspace workspace',
      'cannot be entered by the user of the build',
    ],
    [
      'a broken link',
      'cd ..; rm -rf "$SOURCE_DIR"; ln -s none "$SOURCE_DIR"',
      'is not there when the step "b" is to start',
    ],
  ])('says so when a step puts %s in the place of the workspace', async (_, command, expected) => {
    const file = `version: 1.0.0\nevents: {build: {steps: [{a: {script: '${command}'}}, {b: {script: pwd}}]}}\n`;
    const outcome = await place.run(file);
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(expected) });
  });

  it('answers wrong arguments with 64 and --help with the usage', async () => {
    expect(await place.build(['run'])).toMatchObject({ exitCode: 64, stderr: expect.stringMatching(/^USAGE: /) });
    expect(await place.build(['--help'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('build export'),
    });
  });
});
