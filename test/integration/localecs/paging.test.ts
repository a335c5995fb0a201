import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DeregisterTaskDefinitionCommand,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  StopTaskCommand,
  type ECSClient,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { register, run, startSdkEcs } from '../../kit/ecs/sdk-ecs.ts';

const ONE = { maxResults: 1 };

type Page = { readonly item: string | undefined; readonly nextToken: string | undefined };
type List = (
  sdk: ECSClient,
  request: { readonly nextToken?: string | undefined; readonly name?: string },
) => Promise<Page>;

const LISTS: Readonly<Record<string, List>> = {
  async ListTasks(sdk, { name, ...rest }) {
    const filter = name === undefined ? {} : { startedBy: name };
    const { taskArns = [], nextToken } = await sdk.send(new ListTasksCommand({ ...ONE, ...rest, ...filter }));
    return { item: taskArns[0], nextToken };
  },
  async ListClusters(sdk, { nextToken: from }) {
    const { clusterArns = [], nextToken } = await sdk.send(new ListClustersCommand({ ...ONE, nextToken: from }));
    return { item: clusterArns[0], nextToken };
  },
  async ListContainerInstances(sdk, { name, ...rest }) {
    const filter = name === undefined ? {} : { cluster: name };
    const command = new ListContainerInstancesCommand({ ...ONE, ...rest, ...filter });
    const { containerInstanceArns = [], nextToken } = await sdk.send(command);
    return { item: containerInstanceArns[0], nextToken };
  },
  async ListTaskDefinitions(sdk, { name, ...rest }) {
    const filter = name === undefined ? {} : { familyPrefix: name };
    const command = new ListTaskDefinitionsCommand({ ...ONE, ...rest, ...filter });
    const { taskDefinitionArns = [], nextToken } = await sdk.send(command);
    return { item: taskDefinitionArns[0], nextToken };
  },
  async ListTaskDefinitionFamilies(sdk, { name, ...rest }) {
    const filter = name === undefined ? {} : { familyPrefix: name };
    const command = new ListTaskDefinitionFamiliesCommand({ ...ONE, ...rest, ...filter });
    const { families = [], nextToken } = await sdk.send(command);
    return { item: families[0], nextToken };
  },
};

async function filled(): Promise<ECSClient> {
  const { sdk } = await startSdkEcs({ instances: 3 });
  for (const clusterName of ['second', 'third']) await sdk.send(new CreateClusterCommand({ clusterName }));
  for (const family of ['a', 'a', 'a-b', 'b']) await register(sdk, { family });
  await run(sdk, { count: 3, startedBy: 'me' });
  return sdk;
}

/** Returns what each further page has, from a token on. */
async function rest(sdk: ECSClient, list: List, token: string | undefined): Promise<(string | undefined)[]> {
  const items: (string | undefined)[] = [];
  for (let from = token; from !== undefined && items.length < 20;) {
    const page = await list(sdk, { nextToken: from });
    items.push(page.item);
    from = page.nextToken;
  }
  return items;
}

describe('pages of local ECS', () => {
  it('skip nothing when what they had shown is gone: the token was a position', async () => {
    const sdk = await filled();
    const tasks = await LISTS['ListTasks']!(sdk, {});
    const others = await rest(sdk, LISTS['ListTasks']!, tasks.nextToken);
    expect(others).toHaveLength(2);
    // The first is no longer in the list of those that are to run.
    await sdk.send(new StopTaskCommand({ task: tasks.item }));
    expect(await rest(sdk, LISTS['ListTasks']!, tasks.nextToken)).toEqual(others);

    const definitions = await LISTS['ListTaskDefinitions']!(sdk, {});
    const later = await rest(sdk, LISTS['ListTaskDefinitions']!, definitions.nextToken);
    await sdk.send(new DeregisterTaskDefinitionCommand({ taskDefinition: definitions.item }));
    expect(await rest(sdk, LISTS['ListTaskDefinitions']!, definitions.nextToken)).toEqual(later);

    const clusters = await LISTS['ListClusters']!(sdk, {});
    const last = await rest(sdk, LISTS['ListClusters']!, clusters.nextToken);
    await sdk.send(new DeleteClusterCommand({ cluster: 'second' }));
    expect(await rest(sdk, LISTS['ListClusters']!, clusters.nextToken)).toEqual(
      last.filter((arn) => !arn?.endsWith('/second')),
    );
  });

  it('show nothing twice when something comes before what they have shown', async () => {
    const sdk = await filled();
    const families = await LISTS['ListTaskDefinitionFamilies']!(sdk, {});
    const others = await rest(sdk, LISTS['ListTaskDefinitionFamilies']!, families.nextToken);
    await register(sdk, { family: '0' });
    expect(await rest(sdk, LISTS['ListTaskDefinitionFamilies']!, families.nextToken)).toEqual(others);
  });

  it('take no token of another list: one of ListTasks was one of ListClusters, too', async () => {
    const sdk = await filled();
    for (const [given, of] of Object.entries(LISTS)) {
      const { nextToken } = await of(sdk, {});
      expect(nextToken, given).toBeDefined();
      for (const [taken, list] of Object.entries(LISTS).filter(([name]) => name !== given)) {
        await expect(list(sdk, { nextToken }), `${given} → ${taken}`).rejects.toThrow('Invalid token');
      }
    }
  });

  it('take no token of the same list with another filter or another order', async () => {
    const sdk = await filled();
    for (const [name, list] of Object.entries(LISTS).filter(([each]) => each !== 'ListClusters')) {
      const { nextToken } = await list(sdk, {});
      const other = name === 'ListContainerInstances' ? 'second' : name === 'ListTasks' ? 'me' : 'a';
      await expect(list(sdk, { nextToken, name: other }), name).rejects.toThrow('Invalid token');
    }
    const { nextToken } = await sdk.send(new ListTaskDefinitionsCommand({ ...ONE, sort: 'ASC' }));
    const turned = new ListTaskDefinitionsCommand({ ...ONE, sort: 'DESC', nextToken });
    await expect(sdk.send(turned)).rejects.toThrow('Invalid token');
    for (const strange of ['', 'from:1', Buffer.from('from:1').toString('base64url'), '%', 'ü']) {
      await expect(sdk.send(new ListTasksCommand({ nextToken: strange })), strange).rejects.toThrow('Invalid token');
    }
  });

  it('are sorted by family and number, in both directions', async () => {
    const { sdk } = await startSdkEcs();
    for (let count = 1; count <= 11; count += 1) await register(sdk, { family: 'a' });
    for (const family of ['a-b', 'B']) await register(sdk, { family });
    const sorted = async (sort: 'ASC' | 'DESC'): Promise<(string | undefined)[]> => {
      const { taskDefinitionArns = [] } = await sdk.send(new ListTaskDefinitionsCommand({ sort }));
      return taskDefinitionArns.map((arn) => arn.split('/').at(-1));
    };
    const numbers = Array.from({ length: 11 }, (_, index) => `a:${index + 1}`);
    const ascending = ['B:1', 'WIP_test:1', ...numbers, 'a-b:1'];
    expect(await sorted('ASC')).toEqual(ascending);
    expect(await sorted('DESC')).toEqual(ascending.toReversed());
  });
});
