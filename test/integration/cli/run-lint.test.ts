import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stepOf } from '../../kit/builds/build-place.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { git, makeRepository } from '../../kit/builds/git-place.ts';

const NAME = 'acquia-pipelines.yaml';
const TYPO = stepOf('true').replace('steps', 'step');

let directory: string;
let cli: CommandLine;
beforeEach(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'wip-run-lint-')));
  cli = new CommandLine();
  cli.cwd = directory;
  await cli.listen();
});
afterEach(async () => {
  await cli.close();
  rmSync(directory, { recursive: true });
});

describe('wipctl run of a repository on this machine', () => {
  it('tells a typo in the build file with its line before anything is launched', async () => {
    const app = makeRepository(join(directory, 'my app'), { [NAME]: TYPO });
    const commit = git(app, 'rev-parse', '--short', 'main');
    expect(await cli.run('run', 'my app')).toEqual({
      ...{ exitCode: 1, out: '' },
      err:
        `wipctl: The build file of my app@${commit} is not valid: ${NAME}:4:5: "step" is not a key of an event; allowed is steps. ` +
        'Correct it and commit, or let a container try it with --no-lint. [BUILD_FILE_INVALID]\n',
    });
    expect(cli.services.tasks.size).toBe(0);
    expect((await cli.run('run', 'my app', '--no-lint')).exitCode).toBe(0);
    expect(cli.services.tasks.get(1)?.facts.options).toMatchObject({ sourceVcsUri: app });
  });

  it('warns of a command that bash cannot read, and adds the task', async () => {
    makeRepository(join(directory, 'app'), { [NAME]: stepOf('echo "open') });
    const { exitCode, err } = await cli.run('run', 'app');
    expect(exitCode).toBe(0);
    expect(err).toMatch(/^wipctl: warning: acquia-pipelines\.yaml:\d+:1: bash cannot read a command of the step /m);
    expect(cli.services.tasks.size).toBe(1);
  });

  it('checks what is committed, and not what lies in the directory', async () => {
    const app = makeRepository(join(directory, 'app'), { [NAME]: stepOf('true') });
    writeFileSync(join(app, NAME), TYPO);
    expect(await cli.run('run', 'app')).toMatchObject({ exitCode: 0, err: expect.stringContaining('uncommitted') });
    git(app, 'switch', '--quiet', '-c', 'broken');
    git(app, 'commit', '--quiet', '-am', 'typo');
    expect(await cli.run('run', 'app')).toMatchObject({ exitCode: 1 });
    expect(await cli.run('run', 'app', '--branch', 'main')).toMatchObject({ exitCode: 0 });
  });

  it('says that there is no build file', async () => {
    makeRepository(join(directory, 'app'), { 'docs/acquia-pipelines.yaml': '' });
    const { exitCode, err } = await cli.run('run', 'app');
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^wipctl: There is no acquia-pipelines\.yaml or acquia-pipelines\.yml in the root of app@/);
  });

  it('leaves to the container what it cannot read', async () => {
    const app = makeRepository(join(directory, 'app'), { 'other.yaml': TYPO });
    symlinkSync('other.yaml', join(app, NAME));
    git(app, 'add', NAME);
    git(app, 'commit', '--quiet', '-m', 'a link');
    expect((await cli.run('run', 'app')).exitCode).toBe(0);
  });

  it('adds nothing when it is interrupted meanwhile', async () => {
    makeRepository(join(directory, 'app'), { [NAME]: stepOf('true') });
    cli.interrupt.abort();
    expect((await cli.run('run', 'app')).exitCode).toBe(130);
    expect(cli.services.tasks.size).toBe(0);
  });

  it('adds nothing when it is terminated meanwhile', async () => {
    makeRepository(join(directory, 'app'), { [NAME]: stepOf('true') });
    cli.termination.abort('SIGTERM');
    expect((await cli.run('run', 'app')).exitCode).toBe(143);
    expect(cli.services.tasks.size).toBe(0);
  });
});
