import pg from 'pg';
import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { readEcsSources } from '../../../controlplane/clusters/ecs-sources.ts';
import { loadConfig } from '../../../controlplane/config.ts';
import { NewLaunchSettings } from '../../../controlplane/ecs/config/cluster.ts';
import { inspectEcsConfig } from '../../../controlplane/ecs/config/ecs-config.ts';
import { composeDefinition } from '../../../controlplane/ecs/definition/task-definition.ts';
import { STOP_BUDGET_SECONDS } from '../../../controlplane/node/node-clients.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { KINDS, readTemplate, resolved, theOnly, type Template } from './templates.ts';

const GIVEN = {
  DomainName: 'wip.example.org',
  BuildImage: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/wip-build:7',
  'AWS::Region': 'eu-central-1',
  'DatabaseB269D8BB.Endpoint.Address': 'db.example.org',
};

const Definition = z.object({
  ContainerDefinitions: z.tuple([
    z.object({
      Environment: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
      Secrets: z.array(z.object({ Name: z.string() })),
    }),
  ]),
});

/** What a node is started with; secrets are other ones. */
function environmentOf(template: Template): Record<string, string> {
  const [{ Environment, Secrets }] = Definition.parse(
    theOnly(template, 'AWS::ECS::TaskDefinition'),
  ).ContainerDefinitions;
  return Object.fromEntries([
    ...Environment.map(({ Name, Value }) => [Name, resolved(Value, GIVEN)]),
    ...Secrets.map(({ Name }) => [Name, 'a'.repeat(43)]),
  ]) as Record<string, string>;
}

/** The words of a command line as a shell would split it. */
function wordsOf(template: Template, output: string): string[] {
  const text = resolved(template.Outputs[output]?.Value, GIVEN);
  return [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

describe.each(KINDS)('a node of the template for the network %s', (kind) => {
  const template = readTemplate(kind);
  const environment = environmentOf(template);
  const config = loadConfig({ environment });

  it('is told nothing that a node does not know, and starts in production with what it is told', () => {
    expect(config).toMatchObject({
      mode: 'production',
      host: '0.0.0.0',
      port: 8090,
      public_url: 'https://wip.example.org',
      master_key: 'a'.repeat(43),
      admin_token: 'a'.repeat(43),
    });
    const known = /^(WIP_ECS__|PGPASSWORD$|NODE_EXTRA_CA_CERTS$)/;
    const unknown = Object.keys(environment).filter(
      (name) => !known.test(name) && !Object.hasOwn(config, name.replace(/^WIP_/, '').toLowerCase()),
    );
    expect(unknown).toEqual([]);
  });

  it('connects with TLS that is verified, as the user whose password comes beside the address', () => {
    const client = new pg.Client({ connectionString: config.database_url });
    expect(client).toMatchObject({ user: 'wip', database: 'wip', port: 5432, host: 'db.example.org' });
    const { ssl, password } = z
      .object({ ssl: z.unknown(), password: z.unknown() })
      .parse({ ssl: client.ssl, password: client.password });
    expect([ssl, password ?? null]).toEqual([{}, null]);
  });

  const { config: ecs, problems, warnings } = inspectEcsConfig(readEcsSources(config, environment));

  it('has settings of ECS that are valid', () => {
    expect([problems, warnings]).toEqual([[], []]);
  });

  it.each([
    ['SaveMachines', 'default', 'bridge'],
    ['SaveFargate', 'fargate', 'awsvpc'],
  ] as const)('launches into the cluster that %s saves', (output, row, networkMode) => {
    const words = wordsOf(template, output);
    const launch = NewLaunchSettings.parse(JSON.parse(words[words.indexOf('--launch') + 1] ?? ''));
    const cluster = { name: row, region: 'eu-central-1', cluster: 'builds', launch };
    const { definition } = composeDefinition({
      config: ecs!,
      cluster,
      kind: 'BuildSteps',
      group: 'BuildSteps',
      stopBudgetSeconds: STOP_BUDGET_SECONDS,
    });
    expect(definition).toMatchObject({ networkMode, executionRoleArn: 'BuildExecutionRole5C75CB4C.Arn' });
    // No role of its own: what a build may call at AWS is nothing.
    expect(definition.taskRoleArn).toBeUndefined();
    expect(definition.containerDefinitions?.[0]).toMatchObject({
      image: GIVEN.BuildImage,
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-stream-prefix': 'build' } },
    });
  });

  it.each(['SaveMachines', 'SaveFargate'])('has the command %s, which wipctl takes as it is', async (output) => {
    const wipctl = new CommandLine();
    await wipctl.listen();
    const [program, ...words] = wordsOf(template, output);
    expect(program).toBe('wipctl');
    const queue = words.indexOf('--events-queue') + 1;
    words[queue] = 'https://sqs.eu-central-1.amazonaws.com/123456789012/wip-events';
    try {
      expect(await wipctl.run(...words)).toMatchObject({ exitCode: 0, err: '' });
    } finally {
      await wipctl.close();
    }
  });
});
