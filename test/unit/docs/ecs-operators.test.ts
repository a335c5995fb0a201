import { describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../controlplane/ecs/permissions.ts';
import { readDocument, tableAfter } from './documents.ts';
import { productSources } from './product-sources.ts';

const README = readDocument('controlplane/ecs/README.md');
const ECS_ROOMS = /^controlplane\/(ecs|clusters|engine\/(sweep|container))\//;

/** Names of services as IAM writes them, by the package of the SDK. */
const SERVICES: Readonly<Record<string, string>> = {
  ecs: 'ecs',
  ec2: 'ec2',
  sts: 'sts',
  sqs: 'sqs',
  'cloudwatch-logs': 'logs',
};

/** Returns `ecs:RunTask` for each command that a file makes: those it imports by name, and those of a module it loads. */
function sentActions(): Set<string> {
  const actions = new Set<string>();
  for (const { path, text } of productSources()) {
    if (!path.startsWith('controlplane/')) continue;
    const named = [...text.matchAll(/'@aws-sdk\/client-([\w-]+)'/g)].map(([, name = '']) => name);
    const packages = [...new Set(named)];
    for (const [, command = ''] of text.matchAll(/\bnew (?:\w+\.)?(\w+)Command\(/g)) {
      const service = packages.length === 1 ? packages[0] : serviceOf(command);
      // The right to delete is the same for one message and for several.
      const name = command.replace(/^DeleteMessageBatch$/, 'DeleteMessage');
      if (service !== undefined) actions.add(`${SERVICES[service]}:${name}`);
    }
  }
  return actions;
}

/** In files that speak to several services. */
function serviceOf(command: string): string | undefined {
  if (/Instances$|Subnets$|SecurityGroups$/.test(command) && !/ContainerInstances$/.test(command)) return 'ec2';
  return command === '' ? undefined : 'ecs';
}

const firstCells = (heading: string): string[] => tableAfter(README, heading).map(([cell = '']) => cell);

describe('the rights in the README for operators', () => {
  it('are those of the table that wipctl ecs check goes through', () => {
    const rows = tableAfter(README, 'Rights').map(([action, , why]) => [action, why]);
    expect(rows).toEqual(PERMISSIONS.map(({ action, why }) => [action, why]));
  });

  it('hold every action that the code sends', () => {
    const listed = PERMISSIONS.map(({ action }) => action);
    expect(sentActions().size).toBeGreaterThan(12);
    expect([...sentActions()].filter((action) => !listed.includes(action))).toEqual([]);
  });

  it('hold no action that neither the code sends nor AWS demands with one', () => {
    const sent = sentActions();
    const demanded = ['iam:PassRole'];
    const unsent = PERMISSIONS.map(({ action }) => action).filter((action) => !sent.has(action));
    expect(unsent.filter((action) => !demanded.includes(action))).toEqual([]);
  });

  it('stand in the policy that operators copy', () => {
    const policy = /```json\n(\{[\s\S]*?\n\})\n```/.exec(README)?.[1] ?? '';
    const { Statement } = JSON.parse(policy) as { Statement: { Action: string | string[] }[] };
    const allowed = Statement.flatMap(({ Action }) => Action);
    // AWS allows GetCallerIdentity to everybody, and who may assume a role is said in that role.
    const others = ['sts:GetCallerIdentity', 'sts:AssumeRole'];
    expect(allowed.toSorted()).toEqual(
      PERMISSIONS.map(({ action }) => action)
        .filter((action) => !others.includes(action))
        .toSorted(),
    );
  });
});

describe('the messages in the README for operators', () => {
  it('are those that a node logs about AWS and containers', () => {
    const logged = productSources()
      .filter(({ path }) => ECS_ROOMS.test(path))
      .flatMap(({ text }) => [...text.matchAll(/log\.(?:warn|error)\([\s\S]*?'([^']+)',?\s*\)/g)])
      .map(([, message = '']) => message);
    expect(logged.length).toBeGreaterThan(5);
    expect([...new Set(logged)].toSorted()).toEqual(firstCells('What to watch').toSorted());
  });
});
