import { describe, expect, it } from 'vitest';
import { withoutCluster } from '../../../controlplane/ecs/launch/launch-outcome.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import {
  createTaskDefinitionRegistry,
  type TaskDefinitionKey,
  type TaskDefinitionRow,
} from '../../../controlplane/ecs/definition/task-definition-registry.ts';
import {
  composeDefinition,
  familyName,
  findLaunchConflictsOfAll,
  listLaunched,
  type CompositionParts,
} from '../../../controlplane/ecs/definition/task-definition.ts';
import { NewLaunchSettings, placementOf } from '../../../controlplane/ecs/config/cluster.ts';
import { readEcsConfig } from '../../../controlplane/ecs/config/ecs-config.ts';
import { parseYamlSource } from '../../../controlplane/ecs/config/yaml-source.ts';
import { silentLog } from '../../kit/ecs/local-ecs.ts';
import { FARGATE_SITE, shippedEcsConfig } from '../../kit/ecs/shipped-ecs-config.ts';

const BASE =
  'naming: {namespace: ns, customer: cu}\ndefault:\n  containerDefinitions:\n    - {name: build, image: i, memory: 64}\noverrides: {}\n';

const FARGATE = {
  name: 'big',
  region: 'r',
  cluster: 'c',
  launch: { type: 'fargate' as const, subnets: ['s'], assignPublicIp: false },
};

function compose(yaml = '', parts: Partial<CompositionParts> = {}) {
  const config = readEcsConfig([parseYamlSource('base', BASE), parseYamlSource('site', yaml)]);
  const cluster = { name: 'default', region: 'eu-west-1', cluster: 'main', launch: { type: 'ec2' as const } };
  return composeDefinition({
    config,
    kind: 'BuildSteps',
    group: 'Build Steps',
    cluster,
    stopBudgetSeconds: 50,
    ...parts,
  });
}

function operationalErrorOf(act: () => unknown): OperationalError {
  try {
    act();
  } catch (error) {
    if (error instanceof OperationalError) return error;
  }
  throw new Error('nothing was refused');
}

describe('a composed task definition', () => {
  it('is named after what it is for, in the characters that ECS takes', () => {
    expect(compose().family).toBe('WIP_ns_cu_Build-Steps_eu-west-1_main');
    expect(familyName(['x'.repeat(400)])).toHaveLength(255);
    expect(compose('default: {family: mine}').family).toBe('mine');
  });

  it('has an init process and time enough for the agent to stop, unless the file says otherwise', () => {
    expect(compose().definition.containerDefinitions[0]).toMatchObject({
      stopTimeout: 60,
      essential: true,
      linuxParameters: { initProcessEnabled: true },
    });
    expect(compose('', { stopBudgetSeconds: 100 }).definition.containerDefinitions[0]).toMatchObject({
      stopTimeout: 105,
    });
  });

  it('tells whether the image has no agent, and registers nothing of that', () => {
    const mapped =
      'default: {legacy: true, containerDefinitions: [{portMappings: [{containerPort: 22, hostPort: 0}]}]}';
    const { isLegacy, definition } = compose(mapped);
    expect([isLegacy, Object.keys(definition).includes('legacy'), compose().isLegacy]).toEqual([true, false, false]);
    expect(compose('overrides: {BuildSteps: {legacy: false}}').isLegacy).toBe(false);
  });

  it('is refused for an image without an agent that could not be reached', () => {
    expect(() => compose('default: {legacy: true}')).toThrow(
      'A legacy container is reached over SSH, and its port 22 is not mapped. Add to portMappings',
    );
    expect(() => compose('default: {legacy: "yes"}')).toThrow('legacy');
  });

  it('refuses a stopTimeout that is shorter than the agent needs', () => {
    const short = 'default:\n  containerDefinitions: [{stopTimeout: 30}]';
    expect(() => compose(short)).toThrow(
      /site line 2, containerDefinitions\.0\.stopTimeout: .* is 30 s, and the agent's stop_budget of 50 s needs at least 55 s\./,
    );
  });

  it('says what to do once, and no dot twice: "Set it to at least 1.. Correct config.ecs.yml"', () => {
    const bad = 'default: {containerDefinitions: [{linuxParameters: {sharedMemorySize: 0}}]}';
    const error = operationalErrorOf(() => compose(bad));
    expect(error.remedy).toBe('Set it to at least 1');
    expect(error.happened).toMatch(/'sharedMemorySize' is 0 and must be at least 1$/);
    expect(withoutCluster(error)).toMatchObject({ sentence: error.happened, remedy: 'Set it to at least 1' });
    expect(error.message.match(/Set it/g)).toHaveLength(1);
    expect(error.message).not.toContain('..');
  });

  it('tells everything that keeps it from Fargate, and what to change', () => {
    const long = 'default: {containerDefinitions: [{stopTimeout: 200}]}';
    expect(() => compose(long, { cluster: FARGATE })).toThrow(
      /BuildSteps cannot be launched into the cluster "big" \(fargate\): .*Set networkMode to awsvpc\..*Set cpu of the whole task.*Set memory of the whole task.*maximum stopTimeout on Fargate is 120 seconds/,
    );
    const fit = 'default: {networkMode: awsvpc, cpu: "256", memory: "512"}';
    expect(compose(fit, { cluster: FARGATE }).definition.requiresCompatibilities).toEqual(['FARGATE']);
  });

  it('of the shipped file fits Fargate when a site takes away what is for machines', () => {
    const parts = { cluster: FARGATE, stopBudgetSeconds: 50 };
    const conflicts = findLaunchConflictsOfAll({ ...parts, config: shippedEcsConfig() });
    expect(conflicts.map(({ path }) => path.join('.'))).toEqual([
      'networkMode',
      'cpu',
      'memory',
      'volumes.0.host.sourcePath',
      'networkMode',
    ]);
    expect(findLaunchConflictsOfAll({ ...parts, config: shippedEcsConfig(`default:${FARGATE_SITE}`) })).toEqual([]);
    expect(
      findLaunchConflictsOfAll({
        ...parts,
        config: shippedEcsConfig(`clusters:\n  big:${FARGATE_SITE.replaceAll('\n', '\n  ')}`),
      }),
    ).toEqual([]);
  });

  it('is one for Fargate where the cluster only names capacity providers of Fargate', () => {
    const launch = {
      type: 'capacity-providers' as const,
      providers: [{ name: 'FARGATE_SPOT', weight: 1, base: 0 }],
      subnets: ['s'],
      assignPublicIp: true,
    };
    const fit = 'default: {networkMode: awsvpc, cpu: "256", memory: "512"}';
    expect(compose(fit, { cluster: { ...FARGATE, launch } }).definition.requiresCompatibilities).toEqual(['FARGATE']);
    expect(() => compose('', { cluster: { ...FARGATE, launch } })).toThrow(/Set networkMode to awsvpc/);
    expect(placementOf(launch)).toEqual({
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1, base: 0 }],
      networkConfiguration: { awsvpcConfiguration: { subnets: ['s'], assignPublicIp: 'ENABLED' } },
    });
  });

  it('has settings of its own for one cluster, beside another of another kind', () => {
    const site = 'clusters: {big: {networkMode: awsvpc, cpu: "256", memory: "512"}}';
    expect(compose(site, { cluster: FARGATE }).definition).toMatchObject({ networkMode: 'awsvpc', cpu: '256' });
    expect(compose(site).definition.networkMode).toBeUndefined();
  });

  it('is registered without what only RunTask is told', () => {
    const composed = compose('default: {runTask: {group: builds}}');
    expect(composed.runTask).toEqual({ group: 'builds' });
    expect(composed.definition).not.toHaveProperty('runTask');
    expect(composed.contentHash).toBe(compose().contentHash);
  });

  it('has the same hash whatever the order of its keys, and another for another content', () => {
    const one = 'default: {volumes: [{name: v, host: {sourcePath: /v}}], networkMode: bridge}';
    const two = 'default: {networkMode: bridge, volumes: [{host: {sourcePath: /v}, name: v}]}';
    expect(compose(one).contentHash).toBe(compose(two).contentHash);
    expect(compose(one).contentHash).not.toBe(compose('default: {networkMode: host}').contentHash);
  });
});

/** Returns a registry over a table in memory, and an ECS that numbers revisions. */
function begin() {
  const rows: TaskDefinitionRow[] = [];
  const registered: unknown[] = [];
  const find = (key: TaskDefinitionKey): TaskDefinitionRow | null =>
    rows.find(
      (row) => row.family === key.family && row.contentHash === key.contentHash && row.cluster === key.cluster,
    ) ?? null;
  const registry = createTaskDefinitionRegistry({
    findByHash: (key) => Promise.resolve(find(key)),
    scope: { endpoint: '', caller: '' },
    save: (row) => Promise.resolve(void rows.push(row)),
    remove: (_scope, arn) =>
      Promise.resolve(
        void rows.splice(
          rows.findIndex((row) => row.arn === arn),
          1,
        ),
      ),
    register(definition) {
      registered.push(definition);
      return Promise.resolve({ arn: `arn:${registered.length}`, revision: registered.length });
    },
    log: silentLog,
  });
  return { registry, rows, registered };
}

describe('the registry of task definitions', () => {
  it('registers a definition once, however many launches ask for it at the same time', async () => {
    const { registry, registered } = begin();
    const pinned = await Promise.all(Array.from({ length: 100 }, () => registry.pin(compose())));
    expect(new Set(pinned.map(({ arn }) => arn))).toEqual(new Set(['arn:1']));
    expect(pinned[0]).toEqual({
      arn: 'arn:1',
      containerName: 'build',
      isLegacy: false,
      runTask: {},
      containerSize: {},
    });
    expect(registered).toHaveLength(1);
  });

  it('registers a change, and goes back to the older revision when the change is taken back', async () => {
    const { registry } = begin();
    await registry.pin(compose());
    expect(await registry.pin(compose('default: {networkMode: host}'))).toMatchObject({ arn: 'arn:2' });
    expect(await registry.pin(compose())).toMatchObject({ arn: 'arn:1' });
  });

  it('registers again what ECS has forgotten', async () => {
    const { registry, rows } = begin();
    await registry.pin(compose());
    await registry.forget('arn:1');
    expect(await registry.pin(compose())).toMatchObject({ arn: 'arn:2' });
    expect(rows.map((row) => row.arn)).toEqual(['arn:2']);
  });
});

describe('the launch settings of a cluster', () => {
  const problemsOf = (launch: object): string[] =>
    NewLaunchSettings.safeParse(launch).error?.issues.map(({ message }) => message) ?? [];
  const strategy = (...names: string[]) => ({
    type: 'capacity-providers',
    providers: names.map((name) => ({ name })),
  });

  it.each<[string, object, RegExp]>([
    ['Fargate beside machines', { ...strategy('FARGATE', 'mine'), subnets: ['s'] }, /cannot be mixed/],
    ['Fargate without a subnet', strategy('FARGATE', 'FARGATE_SPOT'), /needs at least one subnet/],
    [
      'a public address on machines',
      { ...strategy('mine'), assignPublicIp: true },
      /only Fargate gives a public address/,
    ],
    [
      'weights of nothing',
      { type: 'capacity-providers', providers: [{ name: 'mine', weight: 0 }] },
      /a weight above 0/,
    ],
  ])('refuse %s', (_name, launch, message) => {
    expect(problemsOf(launch)).toEqual([expect.stringMatching(message)]);
  });

  it('take either alone', () => {
    expect(problemsOf({ ...strategy('FARGATE', 'FARGATE_SPOT'), subnets: ['s'], assignPublicIp: true })).toEqual([]);
    expect(problemsOf(strategy('mine', 'other'))).toEqual([]);
  });
});

describe('a definition with helpers beside the build', () => {
  const HELPERS = `default:
  containerDefinitions:
    - { dependsOn: [{ containerName: init, condition: SUCCESS }] }
    - { name: init, image: i, memory: 32, essential: false }
    - { name: logs, image: l, memory: 128, memoryReservation: 16, essential: false }
`;

  it('is accepted, and its first container is the build', () => {
    expect(compose(HELPERS)).toMatchObject({
      containerName: 'build',
      definition: {
        containerDefinitions: [
          { name: 'build', essential: true, dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] },
          { name: 'init', essential: false },
          { name: 'logs', essential: false },
        ],
      },
    });
  });

  it('needs as much memory of a machine as all its containers reserve, or as the task has', () => {
    const memoryOf = (site: string): number | null => {
      const config = readEcsConfig([parseYamlSource('base', BASE), parseYamlSource('site', site)]);
      const cluster = { name: 'default', region: 'r', cluster: 'main', launch: { type: 'ec2' as const } };
      return listLaunched({ config, cluster, stopBudgetSeconds: 50 }).memory;
    };
    expect(memoryOf(HELPERS)).toBe(64 + 32 + 16);
    expect(memoryOf(`${HELPERS}  memory: 1 GB\n`)).toBe(1024);
  });
});
