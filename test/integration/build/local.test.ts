import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../../agent/build/trusted-program.ts';
import { BuildPlace, stepOf } from '../../kit/builds/build-place.ts';
import { stepOfBlocks } from '../../kit/builds/failure-of-step.ts';

const PATH = process.env.PATH ?? '';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

const FILE = `version: 1.0.0
variables:
  global:
    GREETING: Hello
    TOKEN: {secure: abc}
ssh-keys:
  packages: {secure: abc}
events:
  build:
    steps:
      - one: {script: 'echo "$GREETING from $PWD, $TOKEN, on $PIPELINES_VCS_PATH" | tee made'}
      - two: {script: echo two}
  post-deploy:
    steps: [{after: {script: echo after}}]
`;

describe('build local', () => {
  beforeEach(() => {
    place.repository('site', { 'acquia-pipelines.yaml': FILE });
  });

  it('runs the steps in the directory of the file, with the variables of the command line', async () => {
    const outcome = await place.build([
      'local',
      'site/acquia-pipelines.yaml',
      '--env',
      'TOKEN=a$b=c',
      '--env=GREETING=Hi',
    ]);
    expect(outcome).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^warning: the SSH key "packages" is sealed/),
    });
    expect(outcome.stdout).toContain(`\nHi from ${place.path('site')}, a$b=c, on main\n`);
    expect(outcome.stdout).toContain('\ntwo\n');
    expect(existsSync(place.path('site', 'made'))).toBe(true);
    expect(outcome.stdout).not.toContain('Pushing');
  });

  it('needs no git where no step asks for it', async () => {
    place.write({ 'acquia-pipelines.yaml': stepOf('echo "on $PIPELINES_VCS_PATH"') }, 'plain');
    mkdirSync(place.path('bin'));
    for (const program of ['bash', 'mkfifo']) symlinkSync(findProgram(program, PATH)!.path, place.path('bin', program));
    const outcome = await place.build(['local', 'plain'], { environment: { PATH: place.path('bin') } });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('\non HEAD\n') });
  });

  it('runs only the steps that are named, and another event', async () => {
    const env = ['--env', 'TOKEN=x'];
    const two = await place.build(['local', 'site', '--step', 'two', ...env]);
    expect(two.stdout.match(/^=== .*$/gm)).toEqual(['=== build: step 1 of 1: two']);
    const after = await place.build(['local', 'site', '--event', 'post-deploy', ...env]);
    expect(after.stdout.match(/^=== .*$/gm)).toEqual(['=== post-deploy: step 1 of 1: after']);
  });

  it.each([
    ['a sealed value', [], /^SECURE_VALUE_MISSING: .* TOKEN\. Give values to build with: --env TOKEN=…\.\n$/, 1],
    [
      'a step that is not there',
      ['--env=TOKEN=x', '--step=three'],
      /^USAGE: .*no step "three"\. Its steps are "one", "two"/,
      64,
    ],
    [
      'a step of an event that has none',
      ['--env=TOKEN=x', '--event=pr-closed', '--step=one'],
      /^USAGE: .*"pr-closed" of \S+ has no step "one"\. It has no steps at all; .* with --event build\|post-deploy\./,
      64,
    ],
    ['a variable without =', ['--env=TOKEN'], /^USAGE: --env "TOKEN" is not NAME=VALUE/, 64],
    ['a reserved variable', ['--env=WIP_X=s3cret'], /^USAGE: --env "WIP_X" is not (?!.*s3cret)/, 64],
    ['a name with a hyphen', ['--env=MY-TOKEN=s3cret'], /^USAGE: --env "MY-TOKEN" is not (?!.*s3cret)/, 64],
    ['a value without its name', ['--env==s3cret'], /^USAGE: --env "" is not (?!.*s3cret)/, 64],
    ['a value alone', ['--env=s3cret!'], /^USAGE: --env is not NAME=VALUE (?!.*s3cret)/, 64],
    ['two files', ['other'], /^USAGE: One build file can be named/, 64],
  ])('refuses %s', async (_, argv, words, exitCode) => {
    const outcome = await place.build(['local', 'site', ...argv]);
    expect(outcome).toMatchObject({ exitCode, stdout: '', stderr: expect.stringMatching(words) });
  });

  it('lets no variable that is meant for the tool in a container have a meaning here', async () => {
    place.write({ key: 'KEY' });
    const environment = { WIP_DEPLOY_KEY_FILE: place.path('key'), WIP_BUILD_RECORD: place.path('record') };
    expect(await place.build(['local', 'site', '--env=TOKEN=x'], { environment })).toMatchObject({ exitCode: 0 });
    expect(existsSync(place.path('key'))).toBe(true);
    expect(existsSync(place.path('record'))).toBe(false);
  });
});

describe('build lint', () => {
  it('says what a valid file holds, and prints its warnings', async () => {
    place.write({ 'acquia-pipelines.yml': FILE.replace('events:', 'services: [mysql, redis]\nevents:') }, 'site');
    const outcome = await place.build(['lint', 'site', '--services', 'mysql']);
    expect(outcome).toMatchObject({
      exitCode: 0,
      stdout: 'acquia-pipelines.yml is a valid build file: build (2 steps), post-deploy (1 step).\n',
      stderr: expect.stringMatching(/^warning: acquia-pipelines\.yml:\d+:\d+: .*"redis"[^\n]*\n$/),
    });
  });

  it('names each mistake with its line, also as JSON', async () => {
    place.write({ 'my.yaml': stepOf('true').replace('script', 'scirpt') });
    const outcome = await place.build(['lint', 'my.yaml']);
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^BUILD_FILE_INVALID: my\.yaml .*my\.yaml:6:11: "scirpt" is not a key of a step/);
    const json = JSON.parse((await place.build(['lint', 'my.yaml', '--json'])).stdout) as unknown;
    expect(json).toMatchObject({ isValid: false, problems: [{ line: 6, column: 11 }] });
  });

  it.each([
    [
      'an open quote',
      ['echo a', 'echo "b', 'echo c'],
      ':9:1: bash cannot read a command of the step "only": unexpected EOF',
    ],
    [
      'a word too many',
      ['echo a', 'if true; then echo; fi fi'],
      ':9:1: bash cannot read a command of the step "only": syntax',
    ],
    [
      'an if without its fi',
      ['true', 'if true; then', '  echo'],
      ':8:1: bash cannot read a command of the step "only": syntax',
    ],
    ['a here-document without its end', ['true', 'cat <<EOF', 'a', ' EOF'], ':9:1: .* has no line that is only "EOF"'],
    ['a brace too many', ['touch ran', '}; touch ran'], ':9:1: bash cannot read a command of the step "only": syntax'],
  ])('warns of a command that bash cannot read, and runs nothing of it: %s', async (_, lines, expected) => {
    place.write({ 'acquia-pipelines.yaml': stepOfBlocks([lines]) });
    const outcome = await place.build(['lint']);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr).toMatch(new RegExp(`^warning: acquia-pipelines\\.yaml${expected}[^\\n]*\\n$`));
    expect(existsSync(place.path('ran'))).toBe(false);
  });

  it('warns of no command that bash reads as its step does', async () => {
    const commands = [
      'shopt -s extglob',
      'echo @(a|b)',
      'for i in 1; do\n  echo\ndone',
      'f() {\n  cat <<EOF\na\nEOF\n}',
      'echo }',
    ];
    place.write({ 'acquia-pipelines.yaml': stepOf(...commands) });
    expect(await place.build(['lint'])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('says when there is no file', async () => {
    expect(await place.build(['lint'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^BUILD_FILE_MISSING/),
    });
  });
});
