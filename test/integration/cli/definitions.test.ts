import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DefinitionDetailView } from '../../../controlplane/api/definitions/definition-views.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen('operator');
  cli.services.definitions.rows.push(revision(3, 2, 'build:8', [7, 9]), revision(2, 1, 'build:7', []), {
    ...revision(1, 1, 'old', []),
    arn: 'arn:aws:ecs:r:222222222222:task-definition/WIP_a:1',
    state: 'deregistered',
  });
});
afterEach(() => cli.close());

function revision(id: number, number: number, image: string, tasks: number[]): DefinitionDetailView {
  return {
    id,
    family: 'WIP_a',
    revision: number,
    arn: `arn:aws:ecs:r:111111111111:task-definition/WIP_a:${number}`,
    region: 'r',
    cluster: 'c',
    state: 'active',
    registeredAt: '2026-01-01T00:00:00.000Z',
    usedAt: '2026-01-01T00:00:00.000Z',
    containers: tasks.length,
    tasks,
    definition: { family: 'WIP_a', containerDefinitions: [{ name: 'build', image }] },
  };
}

describe('wipctl definitions', () => {
  it('lists what was registered, with the tasks that use it', async () => {
    const [head, first] = (await cli.run('definitions', 'list')).out.split('\n');
    expect(head).toMatch(/^ID +FAMILY +REVISION +STATE/);
    expect(first).toMatch(/^3 +WIP_a +2 +active +r +2026-01-01T00:00 +2 +7, 9$/);
    const { out } = await cli.run('definitions', 'list', '--family', 'WIP_b');
    expect(out).toBe('Nothing has been registered of the family "WIP_b". See all with "wipctl definitions list".\n');
    cli.services.definitions.rows.length = 0;
    expect((await cli.run('definitions', 'list')).out).toBe(
      'Nothing has been registered yet: the first launch does it.\n',
    );
  });

  it.each([['3'], ['WIP_a:2'], ['WIP_a'], ['arn:aws:ecs:r:111111111111:task-definition/WIP_a:2']])(
    'shows the one that is called %s',
    async (which) => {
      const { out } = await cli.run('definitions', 'show', which);
      expect(out).toContain('WIP_a:2  active, used by containers of the tasks 7, 9\n');
      expect(out).toContain('"image": "build:8"');
    },
  );

  it('says in what a revision differs from the one before, in the same account', async () => {
    const { out } = await cli.run('definitions', 'diff', '3');
    expect(out).toBe('- WIP_a:1  + WIP_a:2\ncontainerDefinitions.0.image\n  - "build:7"\n  + "build:8"\n');
    const two = JSON.parse((await cli.run('definitions', 'diff', '1', '3', '--json')).out) as { differences: unknown };
    expect(two.differences).toEqual([{ path: 'containerDefinitions.0.image', before: 'old', after: 'build:8' }]);
  });

  it('asks which account is meant, and says what there is not', async () => {
    expect(await cli.run('definitions', 'show', 'WIP_a:1')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('Give the number of the list: 2 or 1'),
    });
    expect((await cli.run('definitions', 'show', 'WIP_b')).exitCode).toBe(3);
    expect((await cli.run('definitions', 'diff', '2')).err).toContain('There is no revision before WIP_a:1');
  });
});
