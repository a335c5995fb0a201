import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';

let cli: CommandLine;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wip variables '));
  cli = new CommandLine();
  cli.cwd = directory;
  await cli.listen();
});
afterEach(async () => {
  await cli.close();
  rmSync(directory, { recursive: true });
});

it('run sets variables of the build, over those of a file, and takes a value from here', async () => {
  const options = { sourceVcsUri: 'https://example.org/app.git', vcsPath: 'main' };
  const environmentVariables = { STAGE: 'test', KEPT: 'yes' };
  writeFileSync(join(directory, 'my build.json'), JSON.stringify({ ...options, environmentVariables }));
  cli.environment = { ...cli.environment, TOKEN: 's3cret=' };
  const { exitCode } = await cli.run('run', 'my build.json', '--env', 'STAGE=a=b c', '-e', 'TOKEN', '--env', 'EMPTY=');
  expect(exitCode).toBe(0);
  expect(cli.services.tasks.get(1)?.facts.options).toMatchObject({
    ...options,
    environmentVariables: { STAGE: 'a=b c', KEPT: 'yes', TOKEN: 's3cret=', EMPTY: '' },
  });
});

it.each([
  ['a variable that is not set', 'MISSING', '--env MISSING has no value, and MISSING is not set here'],
  ['a name that is none', '1A=secret', '"1A" is not a name for a variable'],
  ['a value without its name', 'a secret', 'The text after --env is not a name for a variable'],
])('refuses %s', async (_what, variable, text) => {
  const { exitCode, err } = await cli.run('run', 'https://example.org/app.git', '--env', variable);
  expect([exitCode, cli.services.tasks.size]).toEqual([2, 0]);
  expect(err).toContain(text);
  expect(err).not.toContain('secret');
});
