import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readVersion } from '../../../controlplane/version.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';

let cli: CommandLine;
let directory: string;
let variables: Record<string, string | undefined>;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wip-context-'));
  cli = new CommandLine();
  await cli.listen();
  variables = cli.environment;
  writeFileSync(join(directory, 'token'), `${variables['WIP_TOKEN'] ?? ''}\n`);
  cli.environment = { PATH: process.env['PATH'], XDG_CONFIG_HOME: directory };
  cli.cwd = directory;
});
afterEach(async () => {
  await cli.close();
  rmSync(directory, { recursive: true });
});

describe('wipctl context', () => {
  it('keeps servers under names, the first of which is used until another is', async () => {
    const added = await cli.run('context', 'add', 'here', '--server', `${cli.url}/`, '--token-file', 'token');
    expect(added).toEqual({
      exitCode: 0,
      out: 'The context "here" was added. It is the current context.\n',
      err: '',
    });
    cli.input = 'secret-of-ci\n';
    await cli.run('context', 'add', 'ci', '--server', 'https://ci.example', '--token-file', '-');
    expect((await cli.run('tasks')).exitCode).toBe(0);
    expect((await cli.run('context', 'list')).out).toBe(
      `CONTEXT  CURRENT  SERVER\nhere     yes      ${cli.url}\nci       -        https://ci.example\n`,
    );
    expect((await cli.run('context', 'use', 'ci')).out).toBe('The current context is "ci".\n');
    expect(JSON.parse((await cli.run('context', 'list', '--json')).out)).toEqual({
      current: 'ci',
      contexts: [
        { name: 'here', server: cli.url },
        { name: 'ci', server: 'https://ci.example' },
      ],
    });
    expect((await cli.run('tasks', '--context', 'here')).exitCode).toBe(0);
    expect(await cli.run('context', 'remove', 'ci')).toMatchObject({
      out: 'The context "ci" was removed.\n',
      err: 'It was the current one: there is none now.\n',
    });
    expect((await cli.run('tasks')).err).toContain('No control plane is known');
  });

  it('says when commands go elsewhere all the same', async () => {
    cli.environment = { ...cli.environment, ...variables };
    const { err } = await cli.run('context', 'add', 'ci', '--server', 'https://ci.example');
    expect(err).toBe(`Commands in this directory still go to ${cli.url}: WIP_SERVER takes precedence.\n`);
  });

  it.each([
    ['a name with a blank', ['add', 'my ci', '--server', 'https://ci.example', '--token-file', 'token']],
    ['an address that is none', ['add', 'ci', '--server', 'ci.example', '--token-file', 'token']],
    ['no address', ['add', 'ci', '--token-file', 'token']],
    ['no token', ['add', 'ci', '--server', 'https://ci.example']],
    ['a token file that is not there', ['add', 'ci', '--server', 'https://ci.example', '--token-file', 'no']],
    ['to use one that is not there', ['use', 'ci']],
    ['to use none of them and one', ['use', 'ci', '--none']],
    ['to remove one that is not there', ['remove', 'ci']],
  ])('refuses %s', async (_what, argv) => {
    const result = await cli.run('context', ...argv);
    expect([result.exitCode, result.out]).toEqual([2, '']);
    expect(result.err).toMatch(/^wipctl: .+\. .+\. \[USAGE\]\n$/);
  });
});

describe('wipctl version', () => {
  it('names both programs, and the server with what named it', async () => {
    await cli.run('context', 'add', 'here', '--server', cli.url, '--token-file', 'token');
    const { out, err } = await cli.run('version');
    const [client, server] = out.split('\n');
    expect(client).toBe(`wipctl  ${readVersion()}  Node ${process.versions.node}, ${process.platform} ${process.arch}`);
    expect(server).toBe(`server  0.0.0-test  ${cli.url}, named by the context "here" (the current one)`);
    expect(err).toMatch(/^The versions differ: /);
  });

  it('asks no server when told so, and says what is wrong when there is none', async () => {
    expect(await cli.run('version', '--client')).toMatchObject({ exitCode: 0, err: '' });
    const none = await cli.run('version');
    expect(none.exitCode).toBe(69);
    expect(none.out).toMatch(/^wipctl /);
    expect(none.err).toContain('No control plane is known');
  });

  it('tells which server refused a token', async () => {
    cli.environment = { ...cli.environment, WIP_SERVER: cli.url, WIP_TOKEN: 'stranger' };
    expect((await cli.run('version')).err).toContain(`${cli.url} was named by WIP_SERVER. [UNAUTHORIZED]`);
  });
});
