import { describe, expect, it } from 'vitest';
import {
  createTaskDefinitionRegistry,
  type TaskDefinitionKey,
  type TaskDefinitionRow,
} from '../../../controlplane/ecs/task-definition-registry.ts';
import { composeDefinition, familyName, type CompositionParts } from '../../../controlplane/ecs/task-definition.ts';
import { readEcsConfig } from '../../../controlplane/ecs/ecs-config.ts';
import { parseYamlSource } from '../../../controlplane/ecs/yaml-source.ts';
import { silentLog } from '../../kit/local-ecs.ts';

const BASE =
  'naming: {namespace: ns, customer: cu}\ndefault:\n  containerDefinitions:\n    - {name: build, image: i}\noverrides: {}\n';

function compose(yaml = '', parts: Partial<CompositionParts> = {}) {
  const config = readEcsConfig([parseYamlSource('base', BASE), parseYamlSource('site', yaml)]);
  const cluster = { region: 'eu-west-1', cluster: 'main', launch: { type: 'ec2' as const } };
  return composeDefinition({
    config,
    kind: 'BuildSteps',
    group: 'Build Steps',
    cluster,
    stopBudgetSeconds: 50,
    ...parts,
  });
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

  it('refuses a stopTimeout that is shorter than the agent needs, and one that Fargate does not give', () => {
    const short = 'default: {containerDefinitions: [{stopTimeout: 30}]}';
    expect(() => compose(short)).toThrow(/is 30 s; the agent's stop_budget of 50 s needs at least 55 s/);
    const fargate = {
      region: 'r',
      cluster: 'c',
      launch: { type: 'fargate' as const, subnets: ['s'], assignPublicIp: false },
    };
    expect(() => compose('', { cluster: fargate })).toThrow(/Set default.networkMode to awsvpc/);
    const long = 'default: {networkMode: awsvpc, containerDefinitions: [{stopTimeout: 200}]}';
    expect(() => compose(long, { cluster: fargate })).toThrow(/Fargate gives at most 120 s/);
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
    save: (row) => Promise.resolve(void rows.push(row)),
    remove: (arn) =>
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
    expect(pinned[0]).toEqual({ arn: 'arn:1', containerName: 'build' });
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
