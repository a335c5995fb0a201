import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { reconcileReport } from '../../kit/reconcile-report.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
  for (const name of ['default', 'a-cluster-with-a-long-name-in-europe']) {
    const role = ['--role-arn', 'arn:aws:iam::123456789012:role/builds-of-all-teams-in-europe'];
    const place = [
      '--region',
      'eu-central-1',
      '--cluster',
      'builds',
      '--endpoint',
      'https://ecs.eu-central-1.amazonaws.com',
    ];
    expect((await cli.run('clusters', 'save', name, ...place, ...role)).err).toBe('');
  }
  await cli.run('clusters', 'use', 'default');
  await cli.run(
    'tokens',
    'create',
    'the dashboard on the wall of the second floor',
    '--role',
    'submitter',
    '--groups',
    'a,b',
  );
  const { id } = await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
  cli.services.change(id, {}, { step: 'containerWipContainerLaunched' });
  cli.services.change(id, {}, { step: 'logBuildSuccessMessageAndWaitForTheArtefactToBePushedToTheRepository' });
  const arn = `arn:aws:ecs:eu-central-1:123456789012:task/a-cluster-with-a-long-name-in-europe/${'a'.repeat(32)}`;
  const cluster = 'a-cluster-with-a-long-name-in-europe';
  cli.services.reports = [
    reconcileReport({
      adopted: { count: 1, containers: [{ task: 7, attempt: 1, arn, cluster }] },
      unseenClusters: [cluster],
    }),
  ];
  const masterKeys = ['0000000a', '0000000b', '0000000c', '0000000d', '0000000e'];
  cli.services.secrets = {
    ...cli.services.secrets,
    nodes: [{ name: 'node-in-the-first-subnet-of-europe', masterKeys, sealingWith: '0000000c' }],
  };
  await cli.run('groups', 'BuildSteps', '--max', '20', '--clusters', 'default,a-cluster-with-a-long-name-in-europe');
});
afterEach(() => cli.close());

const TABLES = [
  ...['tokens list', 'clusters list', 'groups', 'audit', 'tasks'],
  ...['transcript 1', 'secrets status', 'ecs reconcile'],
];

it.each(TABLES.flatMap((command) => [60, 80, 120].map((columns) => [command, columns] as const)))(
  '%s fits a terminal of %i columns',
  async (command, columns) => {
    cli.terminal = { columns };
    const { out, err } = await cli.run(...command.split(' '));
    expect(err).toBe('');
    const lines = stripVTControlCharacters(out).split('\n');
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  },
);

it('shows at 60 columns what tells rows apart', async () => {
  cli.terminal = { columns: 60 };
  cli.environment = { ...cli.environment, NO_COLOR: '1' };
  expect((await cli.run('clusters', 'list')).out).toContain('a-cluster-with-a-long-name-in-europe');
  expect((await cli.run('groups')).out).toMatch(/^GROUP +RUNNING +QUEUED .*\nBuildSteps +\d+ of 20 /);
  expect((await cli.run('tokens', 'list')).out).toMatch(/^TOKEN +ROLE .*NAME.*\n\d+ +submitter .*the dashboard/);
  expect((await cli.run('secrets', 'status')).out).toMatch(
    /HAS +SEALS WITH IT\n(.* +000000(0a|0b) +no\n){2}.* 0000000c +yes/,
  );
  const arn = `arn:aws:ecs:eu-central-1:123456789012:task/a-cluster-with-a-long-name-in-europe/${'a'.repeat(32)}`;
  expect((await cli.run('ecs', 'reconcile')).out.replace(/\n +/g, '')).toContain(arn);
  const words = (await cli.run('transcript', '1')).out.replace(/\n +/g, ' ');
  expect(words).toContain("containerWipContainerLaunched => 'success' => ");
});
