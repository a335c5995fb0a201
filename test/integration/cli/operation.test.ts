import { reconcileReport } from '../../kit/reconcile-report.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GroupView } from '../../../controlplane/api/groups/group-views.ts';
import { CommandLine, type CommandResult } from '../../kit/programs/command-line.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
});
afterEach(() => cli.close());

function addGroup(name: string, facts: Partial<GroupView> = {}): void {
  const plain = { name, running: 0, maxRunning: 3, queued: 0, pause: null, retentionDays: 3, clusters: [] };
  cli.services.groups.set(name, { ...plain, ...facts });
}

function expectRefusal(result: CommandResult, exitCode: number, code: string): void {
  expect([result.exitCode, result.out]).toEqual([exitCode, '']);
  expect(result.err).toMatch(new RegExp(`^wipctl: .+\\. .+\\. \\[${code}\\]\\n$`));
}

async function json(...argv: string[]): Promise<unknown> {
  return JSON.parse((await cli.run(...argv, '--json')).out);
}

describe('wipctl groups', () => {
  it('lists what runs, what waits, and what is paused', async () => {
    expect((await cli.run('groups')).out).toBe('There are no groups yet: the first task of one makes it.\n');
    addGroup('BuildSteps', { running: 3, maxRunning: 20, queued: 14, pause: 'soft' });
    const [head, row] = (await cli.run('groups')).out.split('\n');
    expect(head).toMatch(/^GROUP +RUNNING +QUEUED +PAUSE +KEEPS ENDED TASKS +CLUSTERS$/);
    expect(row).toMatch(/^BuildSteps +3 of 20 +14 +soft +3 days +the active one$/);
    expect(await json('groups')).toMatchObject({ groups: [{ name: 'BuildSteps', queued: 14 }] });
  });

  it('sets the limits of one, and shows one', async () => {
    expect((await cli.run('groups', 'nightly builds/1', '--max', '0', '--retention-days', '1')).out).toMatch(
      /^nightly builds\/1 +none may run +0 +- +1 day +the active one$/m,
    );
    expect(await json('groups', 'nightly builds/1', '--max', '7')).toMatchObject({ maxRunning: 7, retentionDays: 1 });
    expect(cli.services.audit).toContainEqual({ by: 'ann', action: 'set-limits', subject: 'group/nightly builds/1' });
    const named = await json('groups', 'nightly builds/1', '--clusters', 'spot, on-demand');
    expect(named).toMatchObject({ maxRunning: 7, clusters: ['spot', 'on-demand'] });
    expect((await cli.run('groups')).out).toMatch(/ spot,on-demand$/m);
    expect(await json('groups', 'nightly builds/1', '--clusters', '')).toMatchObject({ clusters: [] });
    expectRefusal(await cli.run('groups', 'nothing'), 3, 'GROUP_UNKNOWN');
    expect(await json('groups', 'nightly builds/1')).toMatchObject({ maxRunning: 7 });
  });

  it('removes one', async () => {
    for (const name of ['a', 'b']) addGroup(name, {});
    expect((await cli.run('groups', 'a', '--remove')).out).toBe('The group "a" was removed.\n');
    expect(await json('groups', 'b', '--remove')).toEqual({ deleted: 'b' });
    expect(cli.services.audit).toContainEqual({ by: 'ann', action: 'delete', subject: 'group/a' });
    expectRefusal(await cli.run('groups', 'a', '--remove'), 3, 'GROUP_UNKNOWN');
    expectRefusal(await cli.run('groups', '--remove'), 2, 'USAGE');
    expectRefusal(await cli.run('groups', 'a', '--remove', '--max', '3'), 2, 'USAGE');
  });

  it('wants to know which group, and numbers', async () => {
    expectRefusal(await cli.run('groups', '--max', '3'), 2, 'USAGE');
    expectRefusal(await cli.run('groups', 'a', '--max', 'many'), 2, 'USAGE');
    expect(cli.services.groups.size).toBe(0);
  });
});

describe('wipctl maintenance', () => {
  it('is turned on with a reason, shown, and turned off', async () => {
    expect((await cli.run('maintenance', 'status')).out).toBe('No maintenance: new tasks are accepted.\n');
    const on = await cli.run('maintenance', 'on', '--reason', 'the database moves');
    expect(on.out).toMatch(/^Maintenance since \S+, by ann: new tasks are refused, .* Reason: the database moves\n$/);
    expect(await json('maintenance', 'status')).toMatchObject({ isOn: true, by: 'ann' });
    expectRefusal(await cli.run('run', 'https://example.org/app.git'), 69, 'MAINTENANCE');
    expect((await cli.run('maintenance', 'off')).out).toContain('No maintenance');
    expect(await json('maintenance', 'off')).toMatchObject({ isOn: false });
  });
});

describe('wipctl doctor', () => {
  const OK = { name: 'database', outcome: 'ok' as const, message: 'It answers.', remedy: null, tookMs: 1 };

  it('is content with warnings', async () => {
    cli.services.checks = [
      OK,
      { ...OK, name: 'clock', outcome: 'warning', message: 'It is late.', remedy: 'Use NTP.' },
    ];
    const { exitCode, out, err } = await cli.run('doctor');
    expect([exitCode, err]).toEqual([0, '']);
    expect(out).toBe(
      'Node node-a, version 0.0.0-test\nok       database  It answers.\nwarning  clock     It is late.\n                   Use NTP.\n',
    );
  });

  it('exits with 1 when a check has failed, with --json too', async () => {
    cli.services.checks = [{ ...OK, outcome: 'failed' }];
    expect(await cli.run('doctor')).toMatchObject({ exitCode: 1 });
    const asJson = await cli.run('doctor', '--json');
    expect([asJson.exitCode, JSON.parse(asJson.out)]).toMatchObject([1, { checks: [{ outcome: 'failed' }] }]);
  });

  it('colours outcomes for a terminal only', async () => {
    cli.services.checks = [OK];
    cli.terminal = { columns: 80 };
    expect((await cli.run('doctor')).out).toContain('\u001b[32mok\u001b[39m');
    cli.environment = { ...cli.environment, NO_COLOR: '1' };
    expect((await cli.run('doctor')).out).not.toContain('\u001b');
  });
});

describe('wipctl ecs check', () => {
  const OK = {
    name: 'ecs:RunTask',
    outcome: 'ok' as const,
    message: 'Allowed: Wip launches containers.',
    remedy: null,
  };
  const UNCHECKED = {
    name: 'iam:PassRole',
    outcome: 'unchecked' as const,
    message: 'No call can prove it.',
    remedy: null,
  };
  beforeEach(async () => {
    await cli.run('clusters', 'save', 'default', '--region', 'eu-central-1', '--cluster', 'builds');
    await cli.run('clusters', 'use', 'default');
  });

  it('checks the active cluster, and is content with what it cannot see', async () => {
    cli.services.clusterChecks = [OK, UNCHECKED];
    const { exitCode, out, err } = await cli.run('ecs', 'check');
    expect([exitCode, err]).toEqual([0, '']);
    expect(out).toBe(
      'Cluster default, as the node node-a sees it\nok         ecs:RunTask   Allowed: Wip launches containers.\nunchecked  iam:PassRole  No call can prove it.\n',
    );
  });

  it('exits with 1 when a check has failed, with --json too', async () => {
    cli.services.clusterChecks = [{ ...OK, outcome: 'failed', message: 'Denied.', remedy: 'Allow it.' }];
    const { exitCode, out } = await cli.run('ecs', 'check', 'default');
    expect([exitCode, out]).toEqual([1, expect.stringContaining('failed  ecs:RunTask  Denied.\n') as string]);
    const asJson = await cli.run('ecs', 'check', '--json');
    expect([asJson.exitCode, JSON.parse(asJson.out)]).toMatchObject([
      1,
      { cluster: 'default', checks: [{ outcome: 'failed' }] },
    ]);
  });

  it('knows no other cluster', async () => {
    expect(await cli.run('ecs', 'check', 'nowhere')).toMatchObject({ exitCode: 3 });
  });
});

describe('wipctl ecs reconcile', () => {
  const ONE = { task: 7, attempt: 1, arn: 'arn:aws:ecs:local:000000000000:task/default/a', cluster: 'default' };
  const REPORT = reconcileReport({ adopted: { count: 1, containers: [ONE] }, unseenClusters: ['second'] });

  it('prints how many containers were found in which state, and which', async () => {
    cli.services.reports = [REPORT];
    const { exitCode, out, err } = await cli.run('ecs', 'reconcile');
    expect([exitCode, err]).toEqual([0, '']);
    expect(out).toBe(
      'Node node-a at 2026-01-01T00:00:00.000Z: 1 adopted, 0 finished while away, 0 without a task (stopped), 0 unknown.\n' +
        'The tasks of the cluster second could not be listed.\n' +
        'FOUND    TASK  ATTEMPT  CLUSTER  CONTAINER\n' +
        `adopted  7     1        default  ${ONE.arn}\n`,
    );
    expect(await json('ecs', 'reconcile')).toEqual(REPORT);
  });

  it('prints what the nodes found at their starts', async () => {
    expect((await cli.run('ecs', 'reconcile', '--starts')).out).toBe('No living node has reported its start yet.\n');
    cli.services.reports = [REPORT];
    expect((await cli.run('ecs', 'reconcile', '--starts')).out).toContain('Node node-a at 2026-01-01');
    expect(await json('ecs', 'reconcile', '--starts')).toEqual({ reports: [REPORT] });
  });
});

describe('wipctl ecs confirm-restore', () => {
  it('confirms a restored database once', async () => {
    cli.services.restored = { at: '2026-01-02T00:00:00.000Z', dumpedAt: '2026-01-01T00:00:00.000Z' };
    expect((await cli.run('ecs', 'confirm-restore')).out).toContain('Confirmed the database of 2026-01-01');
    expect(cli.services.restored).toBeNull();
    expect((await cli.run('ecs', 'confirm-restore')).out).toContain('nothing was changed');
    expect(await json('ecs', 'confirm-restore')).toEqual({ confirmed: null });
  });
});

describe('wipctl clusters', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'wip-cli-'));
    cli.cwd = directory;
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('saves a new one, changes only what is given, and never shows its secret', async () => {
    cli.input = 'canary-secret\n';
    const first = ['--region', 'eu-central-1', '--cluster', 'builds', '--access-key-id', 'AKIA', '--secret-file', '-'];
    expect((await cli.run('clusters', 'save', 'default', ...first)).out).toContain('"wipctl clusters use default"');
    const saved = await cli.run('clusters', 'save', 'default', '--region', 'us-east-1', '--json');
    expect(JSON.parse(saved.out)).toMatchObject({ region: 'us-east-1', cluster: 'builds', hasSecret: true });
    await cli.run('clusters', 'use', 'default');
    const { out } = await cli.run('clusters', 'list');
    expect(out.split('\n')[1]).toMatch(/^default +yes +us-east-1 +builds +ec2 +AKIA +- +-$/);
    expect(out + saved.out).not.toContain('canary');
    expect(await json('clusters', 'save', 'default', '--node-credentials')).toMatchObject({
      accessKeyId: null,
      hasSecret: false,
    });
  });

  it('saves a role, how AWS is reached and what it falls back on, each until it is taken away', async () => {
    writeFileSync(join(directory, 'secret'), 'canary-secret');
    writeFileSync(join(directory, 'token'), 'canary-token');
    const role = ['--role-arn', 'arn:aws:iam::123456789012:role/wip', '--external-id', 'wip'];
    const key = ['--access-key-id', 'ASIA1', '--secret-file', 'secret', '--session-token-file', 'token'];
    const reached = ['--fips', '--dual-stack', '--sts-endpoint', 'https://sts.x', '--proxy', 'http://proxy:3128'];
    const cluster = ['--region', 'eu-central-1', '--cluster', 'builds'];
    for (const name of ['b', 'c']) await cli.run('clusters', 'save', name, ...cluster);
    await cli.run('clusters', 'save', 'a', ...cluster, '--fall-back', 'b, c', ...role, ...key, ...reached);
    expect(await json('clusters', 'show', 'a')).toMatchObject({
      roleArn: 'arn:aws:iam::123456789012:role/wip',
      externalId: 'wip',
      hasSessionToken: true,
      connection: { fips: true, dualStack: true, stsEndpoint: 'https://sts.x', proxy: 'http://proxy:3128' },
      fallback: ['b', 'c'],
    });
    const { out } = await cli.run('clusters', 'show', 'a');
    expect(out).toMatch(/^credentials +arn:aws:iam::123456789012:role\/wip by ASIA1 with a session token$/m);
    expect(out).toMatch(/^falls back on +b, c$/m);
    expect(out).not.toContain('canary');
    const away = ['--no-fips', '--role-arn', '', '--sts-endpoint', '', '--fall-back', ''];
    expect(await json('clusters', 'save', 'a', ...away)).toMatchObject({
      roleArn: null,
      externalId: null,
      connection: { dualStack: true, proxy: 'http://proxy:3128' },
      fallback: [],
    });
    expectRefusal(await cli.run('clusters', 'show', 'nowhere'), 3, 'CLUSTER_UNKNOWN');
  });

  it('takes the launch settings as text or from a file', async () => {
    writeFileSync(join(directory, 'launch.json'), '{"type":"fargate","subnets":["subnet-1"]}');
    const place = ['--region', 'r', '--cluster', 'c'];
    const fromFile = await json('clusters', 'save', 'a', ...place, '--launch', 'launch.json');
    expect(fromFile).toMatchObject({ launch: { type: 'fargate' } });
    const fromText = await json('clusters', 'save', 'b', ...place, '--launch', '{"type":"ec2"}');
    expect(fromText).toMatchObject({ launch: { type: 'ec2' } });
  });

  it('takes the type alone as one word, and names the types when there is no such file either', async () => {
    const place = ['--region', 'r', '--cluster', 'c'];
    expect(await json('clusters', 'save', 'a', ...place, '--launch', 'ec2')).toMatchObject({ launch: { type: 'ec2' } });
    const misspelt = await cli.run('clusters', 'save', 'b', ...place, '--launch', 'ec3');
    expectRefusal(misspelt, 2, 'USAGE');
    expect(misspelt.err).toContain('Give a file that is there, JSON, or one of ec2, fargate, capacity-providers.');
  });

  it.each([
    ['a new one without its region', ['save', 'new', '--cluster', 'c']],
    ['launch settings that are no JSON', ['save', 'new', '--region', 'r', '--cluster', 'c', '--launch', '{type: ec2}']],
    ['a file that is not there', ['save', 'new', '--region', 'r', '--cluster', 'c', '--secret-file', 'nowhere']],
    [
      'two kinds of credentials',
      ['save', 'n', '--region', 'r', '--cluster', 'c', '--node-credentials', '--access-key-id', 'A'],
    ],
  ])('refuses %s', async (_what, argv) => {
    expectRefusal(await cli.run('clusters', ...argv), 2, 'USAGE');
    expect(cli.services.clusters.size).toBe(0);
  });

  it('deletes one that is not in use', async () => {
    for (const name of ['default', 'old']) {
      await cli.run('clusters', 'save', name, '--region', 'r', '--cluster', 'c');
    }
    await cli.run('clusters', 'use', 'default');
    expectRefusal(await cli.run('clusters', 'delete', 'default'), 4, 'CLUSTER_IN_USE');
    expect((await cli.run('clusters', 'delete', 'old')).out).toContain('"old" is forgotten');
    expectRefusal(await cli.run('clusters', 'use', 'old'), 3, 'CLUSTER_UNKNOWN');
  });
});

describe('wipctl tokens', () => {
  it('prints a new token alone, once', async () => {
    const created = await cli.run('tokens', 'create', 'bob', '--role', 'submitter');
    expect(created.out).toMatch(/^[\w-]{22,}\n$/);
    expect(created.err).toContain('It is not shown again; revoke it with "wipctl tokens revoke 1".');
    const list = await cli.run('tokens', 'list');
    expect(list.out.split('\n')[1]).toMatch(/^1 +submitter +\S+ +- +bob +-$/);
    expect(list.out).not.toContain(created.out.trim());
    expect((await cli.run('tasks', '--token', created.out.trim())).exitCode).toBe(0);
  });

  it('takes a token back', async () => {
    const { token } = (await json('tokens', 'create', 'bob', '--role', 'viewer')) as { token: string };
    expect((await cli.run('tokens', 'revoke', '1')).out).toBe('Token 1 of bob is revoked.\n');
    expectRefusal(await cli.run('tasks', '--token', token), 4, 'UNAUTHORIZED');
    expectRefusal(await cli.run('tokens', 'revoke', '7'), 3, 'TOKEN_UNKNOWN');
  });

  it('does not repeat what was taken for a number', async () => {
    const result = await cli.run('tokens', 'revoke', 'wip_secret');
    expectRefusal(result, 2, 'USAGE');
    expect(result.err).not.toContain('wip_secret');
  });

  it('wants a role', async () => {
    expectRefusal(await cli.run('tokens', 'create', 'bob'), 2, 'USAGE');
    expectRefusal(await cli.run('tokens', 'create', 'bob', '--role', 'king'), 2, 'USAGE');
  });
});

describe('help for operators', () => {
  it.each([
    ['groups'],
    ['pause'],
    ['resume'],
    ['maintenance', 'on'],
    ['maintenance', 'off'],
    ['maintenance', 'status'],
    ['doctor'],
    ['check'],
    ['clusters', 'list'],
    ['clusters', 'save'],
    ['clusters', 'use'],
    ['clusters', 'delete'],
    ['ecs', 'confirm-restore'],
    ['db', 'dump'],
    ['db', 'restore'],
    ['tokens', 'create'],
    ['tokens', 'list'],
    ['tokens', 'revoke'],
  ])('%s %s has an example', async (...argv) => {
    const { exitCode, out } = await cli.run(...argv, '--help');
    expect(exitCode).toBe(0);
    expect(out).toContain(`Examples:\n  $ wipctl ${argv.join(' ')}`);
  });
});
