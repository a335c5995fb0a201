import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ContainerInterface } from '../../../controlplane/containers/container.ts';
import { createBuildKey, openBuildValue, sealBuildValue } from '../../../controlplane/keys/build-values.ts';
import { BASIC_OPTIONS, BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';
import { parseRepositoryHosts } from '../../../shared/repository/repository-hosts.ts';
import { DEFAULT_SETTINGS } from '../../testkit/world/default-settings.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';
import { RestoreCheck, RESTORE_CHECK } from './restore-check.ts';

const Options = z.strictObject({ hook: z.string(), receiver: z.string().optional() });

class Tells extends BasicWip<z.infer<typeof Options>> {
  override get kind(): string {
    return 'Tells';
  }
  override async start(context: WipContext): Promise<void> {
    await context.deliver('report', { method: 'POST', url: this.options.hook });
  }
}

const TELLS = defineWip({
  kind: 'Tells',
  version: 1,
  options: { schema: Options, sealed: [], receivers: ['receiver'] },
  create: (task) => new Tells(task),
});

describe('a request of a simulated task', () => {
  const outcomeOf = async (hook: string, rules = ''): Promise<unknown> => {
    const settings = { ...DEFAULT_SETTINGS, outgoingHosts: parseRepositoryHosts(rules, 'outgoing_hosts') };
    const run = await simulateTask(TELLS, { options: { hook } }, { settings });
    return run.deliveries[0]?.outcome;
  };

  it('does not go where the requests of an installation may not go', async () => {
    expect(await outcomeOf('http://169.254.169.254/latest')).toMatchObject({
      kind: 'refused',
      message: '169.254.169.254 belongs to the machine and not to a service',
    });
    expect(await outcomeOf('http://evil.example', 'example.org')).toMatchObject({ kind: 'refused' });
    expect(await outcomeOf('http://example.org', 'example.org')).toMatchObject({ kind: 'answered' });
  });

  it('a receiver that is no address is told so in words about addresses, not about repositories', async () => {
    const add = (receiver: string): Promise<unknown> =>
      simulateTask(TELLS, { options: { hook: 'http://127.0.0.1:9', receiver } });
    await expect(add('not a url')).rejects.toThrow(
      'The option receiver of a Tells task is refused: it is no http or https address.',
    );
    await expect(add('http://169.254.169.254/')).rejects.toThrow(/belongs to the machine and not to a service/);
  });
});

describe('a process of a simulated task', () => {
  it('with a body that no agent takes is refused as the agent refuses it', async () => {
    const outcomes: unknown[] = [];
    class StartsNothing extends RestoreCheck {
      override async restore(context: WipContext): Promise<void> {
        outcomes.push(await context.agent.startProcess('restore', { comand: ['true'] } as never, 'entry'));
      }
    }
    const kind = defineWip({ ...RESTORE_CHECK, create: (task) => new StartsNothing(task) });
    await simulateTask(kind, { options: { dump: 'x' }, maxRunTime: 600 });
    expect(outcomes[0]).toMatchObject({ kind: 'agent-refused', code: 'REQUEST_INVALID' });
    expect(JSON.stringify(outcomes[0])).toContain('comand');
  });
});

it('a child of a simulated task has the title that a database would hold', async () => {
  class Names extends BasicWip {
    override get kind(): string {
      return 'Names';
    }
    override async start(context: WipContext): Promise<void> {
      await context.addTask('kid', { kind: 'BasicWip', options: {}, title: 'a\0b' });
    }
  }
  const kind = defineWip({ kind: 'Names', version: 1, options: BASIC_OPTIONS, create: (task) => new Names(task) });
  const { children } = await simulateTask(kind);
  expect(children.map(({ title }) => title)).toEqual(['a\uFFFDb']);
});

describe('a container of a simulated task', () => {
  it('whose overrides are made by an async method runs when they are there', async () => {
    class Fetches extends RestoreCheck {
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the compiler takes it
      override async addContainerOverrides(container: ContainerInterface): Promise<void> {
        await Promise.resolve();
        container.addContainerOverride('LICENCE', 'of the day');
      }
    }
    const kind = defineWip({ ...RESTORE_CHECK, create: (task) => new Fetches(task) });
    const run = await simulateTask(kind, { options: { dump: 'x' } });
    expect(run.container?.overrides).toContainEqual(expect.objectContaining({ key: 'LICENCE', value: 'of the day' }));
  });

  it('whose overrides cannot be made is not launched, and the reason is told', async () => {
    class Fails extends RestoreCheck {
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the compiler takes it
      override async addContainerOverrides(): Promise<void> {
        await Promise.reject(new Error('no licence today'));
      }
    }
    const kind = defineWip({ ...RESTORE_CHECK, create: (task) => new Fails(task) });
    const run = await simulateTask(kind, { options: { dump: 'x' } });
    expect(run.attempts).toEqual([]);
    expect(run.exit).toMatchObject({ status: 'ERROR_SYSTEM', detail: expect.stringContaining('no licence today') });
  });
});

describe('a secure value of a simulated task', () => {
  const open = async (text: string): Promise<string> => {
    let opened = '';
    class Opens extends BasicWip {
      override async start(context: WipContext): Promise<void> {
        opened = await context.decryptBuildValue(text);
      }
    }
    const kind = { kind: 'BasicWip', version: 1, options: BASIC_OPTIONS };
    const run = await simulateTask(defineWip({ ...kind, create: (task) => new Opens(task) }));
    return run.exit.detail ?? opened;
  };

  it('that was never sealed is refused, as on a node', async () => {
    const never = 'A value is damaged, or was never sealed for this installation';
    expect(await open('abc')).toContain(never);
    await expect(openBuildValue([createBuildKey()], 'abc')).rejects.toThrow(never);
  });

  it('that may have been sealed is opened', async () => {
    expect(await open('sealed token')).toBe('opened sealed token');
    const sealed = await sealBuildValue(createBuildKey().publicKey, 'hidden');
    expect(await open(sealed)).toBe(`opened ${sealed}`);
  });
});
