import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commandTree } from '../../../controlplane/cli/completion/command-tree.ts';
import { JSON_SCHEMAS } from '../../../controlplane/cli/json/command-schemas.ts';
import { loadCommands } from '../../../controlplane/cli/command-table.ts';
import { createAnswerCheck } from '../../kit/check-answers.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { CHECKOUT } from '../../kit/programs/program.ts';
import { readOpenApiDocument } from '../../kit/read-openapi-document.ts';

let cli: CommandLine;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wip-json-'));
  cli = new CommandLine();
  cli.cwd = directory;
  cli.environment = { ...cli.environment, XDG_CONFIG_HOME: directory };
  await cli.listen();
  await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
  await cli.run('clusters', 'save', 'default', '--region', 'eu-central-1', '--cluster', 'builds');
});
afterEach(async () => {
  await cli.close();
  rmSync(directory, { recursive: true });
});

describe('what --json prints', () => {
  it.each<[command: string, route: string, status: number]>([
    ['tasks', 'GET /v1/tasks', 200],
    ['show 1', 'GET /v1/tasks/:id', 200],
    ['terminate 1', 'PUT /v1/tasks/:id/terminate', 202],
    ['prioritise 1', 'PUT /v1/tasks/:id/priority', 202],
    ['tokens list', 'GET /v1/tokens', 200],
    ['tokens create bob --role viewer', 'POST /v1/tokens', 201],
    ['groups', 'GET /v1/groups', 200],
    ['clusters list', 'GET /v1/clusters', 200],
    ['doctor', 'GET /v1/doctor', 200],
    ['maintenance on', 'PUT /v1/state/maintenance', 200],
    ['audit', 'GET /v1/audit', 200],
  ])('of "%s" is the answer of %s in the OpenAPI document', async (command, route, status) => {
    const { out, err } = await cli.run(...command.split(' '), '--json');
    expect(out, err).not.toBe('');
    const [method = '', path = ''] = route.split(' ');
    const check = createAnswerCheck(await readOpenApiDocument());
    expect(check.problemOf({ method, route: path, status, media: 'application/json', body: out })).toBeNull();
  });

  // CommandLine holds each output against the schema.
  it.each([
    'add BuildSteps',
    'transcript 1',
    'terminate 1 99',
    'pause 1',
    'pause --all',
    'resume --all',
    'prioritise 1 99',
    'open 1',
    'encrypt secret',
    'maintenance status',
    'maintenance off',
    'check',
    'clusters show default',
    'clusters use default',
    'config explain',
    'config diff',
    'version',
    'context list',
    'secrets status',
    'secrets rotate-build-key',
    'secrets build-keys',
    'ecs check default',
    'ecs reconcile',
    'ecs reconcile --starts',
    'ecs confirm-restore',
    'table lint BuildSteps',
    'table simulate BuildSteps --runs 20',
  ])('of "%s" is as its schema says', async (command) => {
    const { out, err } = await cli.run(...command.split(' '), '--json');
    expect(out, err).not.toBe('');
  });

  it('of what needs something beforehand is as its schema says', async () => {
    await cli.run('clusters', 'save', 'old', '--region', 'eu-central-1', '--cluster', 'old');
    await cli.run('tokens', 'create', 'bob', '--role', 'viewer');
    await cli.run('groups', 'BuildSteps', '--max', '2');
    cli.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' });
    cli.services.definitions.rows.push({
      ...{
        id: 1,
        family: 'WIP_a',
        revision: 1,
        arn: 'arn:aws:ecs:r:111111111111:task-definition/WIP_a:1',
        region: 'r',
      },
      ...{
        cluster: 'c',
        state: 'active',
        registeredAt: '2026-01-01T00:00:00.000Z',
        usedAt: '2026-01-01T00:00:00.000Z',
      },
      ...{ containers: 1, tasks: [1], definition: { family: 'WIP_a' } },
    });
    writeFileSync(join(directory, 'way.script'), "start { 'success' }\n");
    writeFileSync(join(directory, 'build.yaml'), 'version: 1.3.0\nevents:\n  build:\n    steps: []\n');
    const commands = [
      'clusters delete old',
      'tokens revoke 1',
      'groups BuildSteps',
      'pause -g BuildSteps',
      'restart 1',
    ];
    const others = ['canary', 'definitions list', 'definitions show 1', 'version --client', 'lint build.yaml'];
    const simulation = 'table simulate BuildSteps --script way.script';
    for (const command of [...commands, ...others, simulation]) {
      const { out, err } = await cli.run(...command.split(' '), '--json');
      expect(out, `${command}: ${err}`).not.toBe('');
    }
  });

  it('of a text that is no table, and of a stopped container, is as its schema says', async () => {
    writeFileSync(join(directory, 'broken.table'), 'start {\n  success\n}\n');
    writeFileSync(join(directory, 'stopped.json'), JSON.stringify({ lastStatus: 'STOPPED', containers: [] }));
    expect((await cli.run('table', 'lint', 'broken.table', '--json')).out).toContain('problems');
    expect((await cli.run('ecs', 'explain', 'stopped.json', '--json')).out).toContain('sentence');
  });

  it('has a schema for every command with --json, which --json-schema prints', async () => {
    const tree = commandTree(await loadCommands(cli.contextFor(() => undefined)));
    const commands = tree.filter(({ options }) => options.some(({ flags }) => flags.includes('--json')));
    expect(commands.map(({ path }) => path).toSorted()).toEqual(Object.keys(JSON_SCHEMAS).toSorted());
    for (const { path } of commands) {
      const { out, exitCode } = await cli.run(...path.split(' '), '--json-schema');
      expect([path, exitCode]).toEqual([path, 0]);
      expect(z.fromJSONSchema(JSON.parse(out) as Parameters<typeof z.fromJSONSchema>[0])).toBeInstanceOf(z.ZodType);
    }
  });

  it('stands for every command in the README', () => {
    const text = readFileSync(join(CHECKOUT, 'controlplane', 'cli', 'README.md'), 'utf8');
    const rows = (text.split('## What `--json` prints')[1] ?? '').matchAll(/^\| (`[^|]*`) \|/gm);
    const named = [...rows].flatMap(([, cell = '']) => cell.split(', ').map((name) => name.replaceAll('`', '')));
    expect(named.toSorted()).toEqual(Object.keys(JSON_SCHEMAS).toSorted());
  });
});
