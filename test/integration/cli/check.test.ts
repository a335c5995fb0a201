import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';

const OK = { name: 'database', outcome: 'ok' as const, message: 'It answers.', remedy: null, tookMs: 1 };
const RUN_TASK = {
  name: 'ecs:RunTask',
  outcome: 'ok' as const,
  message: 'Allowed: Wip launches containers.',
  remedy: null,
};

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
  cli.services.checks = [OK, { ...OK, name: 'permissions', message: 'They are there.' }];
  cli.services.clusterChecks = [RUN_TASK];
});
afterEach(() => cli.close());

async function saveCluster(name: string): Promise<void> {
  await cli.run('clusters', 'save', name, '--region', 'eu-central-1', '--cluster', 'builds');
}

describe('wipctl check', () => {
  it('shows the server, its node, each cluster and whether a container was reached', async () => {
    await saveCluster('default');
    await saveCluster('big');
    await cli.run('clusters', 'use', 'default');
    const { exitCode, out, err } = await cli.run('check');
    expect([exitCode, err]).toEqual([0, '']);
    const lines = out.split('\n');
    expect(lines[0]).toBe(`From here to ${cli.url}`);
    // The server in memory has another version than this checkout.
    expect(lines[1]).toMatch(/^warning +server +It answers with version \S+, and this is wipctl /);
    expect(lines[3]).toMatch(/^Node .*, version /);
    expect(out).toContain('ok         database     It answers.\n');
    // The lines of the clusters say it.
    expect(out).not.toContain('They are there.');
    expect(out).toContain('Cluster default (active)\nok         ecs:RunTask  Allowed: Wip launches containers.\n');
    expect(out).toContain('Cluster big\nok ');
    expect(out).toMatch(
      /Containers\nunchecked {2}network .*\n +Say "wipctl canary --watch"\.\nNothing has failed\.\n$/,
    );
  });

  it('exits with 1 and the remedies when something has failed', async () => {
    await saveCluster('default');
    await cli.run('clusters', 'use', 'default');
    cli.services.clusterChecks = [{ ...RUN_TASK, outcome: 'failed', message: 'Denied.', remedy: 'Allow it.' }];
    const { exitCode, out } = await cli.run('check');
    expect(exitCode).toBe(1);
    expect(out).toMatch(/failed +ecs:RunTask +Denied\.\n +Allow it\.\n/);
    expect(out).toMatch(/1 check failed\.\n$/);
    const asJson = await cli.run('check', '--json');
    expect([asJson.exitCode, JSON.parse(asJson.out)]).toMatchObject([
      1,
      { server: cli.url, parts: [{}, {}, { name: 'Cluster default (active)', checks: [{ remedy: 'Allow it.' }] }, {}] },
    ]);
  });

  it('says that an installation without a cluster launches nothing', async () => {
    const { exitCode, out } = await cli.run('check');
    expect(exitCode).toBe(1);
    expect(out).toMatch(
      /failed +active cluster +No cluster is active\.\n +Save one with "wipctl clusters save default"/,
    );
  });

  it('takes the last canary as the proof that containers are reached', async () => {
    await saveCluster('default');
    await cli.run('clusters', 'use', 'default');
    const canary = await cli.services.addTask({ kind: 'Canary', group: 'Canary', options: {}, createdBy: 'ann' });
    cli.services.change(canary.id, { status: 'COMPLETE', exitStatus: 'COMPLETED' });
    expect((await cli.run('check')).out).toMatch(
      new RegExp(`ok +network +The last canary, task ${canary.id}, ended at`),
    );
    cli.services.change(canary.id, { status: 'COMPLETE', exitStatus: 'ERROR_SYSTEM' });
    const { exitCode, out } = await cli.run('check');
    expect([exitCode, out]).toEqual([
      1,
      expect.stringMatching(/failed +network +The last canary, .*\n +Say "wipctl show /),
    ]);
  });

  it('says what to do when there is no server', async () => {
    await cli.close();
    const { exitCode, err } = await cli.run('check');
    expect([exitCode, err]).toEqual([69, expect.stringContaining('CONTROL_PLANE_UNREACHABLE')]);
    await cli.listen();
  });

  it('describes what --json prints', async () => {
    const schema = JSON.parse((await cli.run('check', '--json-schema')).out) as object;
    expect(schema).toMatchObject({ properties: { parts: { type: 'array' } } });
  });
});
