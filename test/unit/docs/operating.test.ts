import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CONTROL_PLANE_FIELDS } from '../../../controlplane/config-fields.ts';
import { KINDS, readTemplate, resourcesOf, theOnly } from '../aws/templates.ts';
import { productSources } from './product-sources.ts';
import { readDocument, ROOT, tableAfter } from './documents.ts';
import { shellLines, unknownToWipctl, wipctlInBlocks, wipctlInText } from './wipctl-commands.ts';

const GUIDES = readdirSync(join(ROOT, 'docker'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readDocument(`docker/${name}`) }));
const guide = readDocument('docker/guide.md');
const all = GUIDES.map(({ text }) => text).join('\n');
const template = readTemplate('nat');
const parameters = Object.entries(template.Parameters).filter(([, { Type }]) => !Type.startsWith('AWS::SSM'));

/** The words that follow `before` in the text, each once. */
function wordsAfter(before: RegExp, text: string): string[] {
  return [...new Set([...text.matchAll(new RegExp(`${before.source}([\\w./-]+)`, 'g'))].map(([, word = '']) => word))];
}

describe('the guides for operators', () => {
  it.each(GUIDES)('$name names commands and options that wipctl has', async ({ text }) => {
    expect(await unknownToWipctl([...wipctlInText(text), ...wipctlInBlocks(text)])).toEqual([]);
  });

  it('have commands in them at all', () => {
    expect(wipctlInBlocks(all).length).toBeGreaterThan(25);
    expect(shellLines(all).length).toBeGreaterThan(60);
  });

  it('would be caught with a command or an option that wipctl has not', async () => {
    const planted = wipctlInBlocks('```sh\nnpx wipctl chekc\nwipctl run x --brunch main | cat\n```\n');
    expect(await unknownToWipctl(planted)).toEqual(['chekc', 'run x --brunch main: --brunch']);
  });

  it('build images of files that are there, and the node finds the certificates of RDS in its image', () => {
    const files = wordsAfter(/--file /, shellLines(all).join('\n'));
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect(readDocument(file)).toMatch(file.endsWith('.yml') ? 'services:' : 'FROM ');
    expect(readDocument('docker/controlplane-rds.Dockerfile')).toContain(' /etc/wip/rds-ca.pem');
    for (const kind of KINDS) {
      expect(JSON.stringify(readTemplate(kind))).toContain(
        '{"Name":"NODE_EXTRA_CA_CERTS","Value":"/etc/wip/rds-ca.pem"}',
      );
    }
  });
});

describe('the guide from an empty account', () => {
  it('gives the stack every parameter without a default, and says the defaults of the others', () => {
    const [create = ''] = shellLines(guide).filter((line) => line.includes('create-stack'));
    const required = parameters.filter(([, { Default }]) => Default === undefined).map(([name]) => name);
    expect(wordsAfter(/ParameterKey=/, create).toSorted()).toEqual(required.toSorted());
    const rows = tableAfter(guide, '4. Make the stack').flatMap(([names = '', defaults = '']) => {
      const given = defaults.split(', ');
      return names.split(', ').map((name, index) => [name, given[index] ?? ''].map((cell) => cell.replaceAll('`', '')));
    });
    const told = parameters.map(([name, { Default }]) => [name, Default === undefined ? '' : String(Default)]);
    expect(rows.toSorted()).toEqual(told.toSorted());
  });

  it('makes the repositories that ECS may pull from', () => {
    const made = wordsAfter(/create-repository --repository-name /, guide);
    const defaults = parameters.filter(([name]) => name.endsWith('Repository')).map(([, { Default }]) => Default);
    expect(made.toSorted()).toEqual(defaults.toSorted());
  });

  it('reads outputs that the stack has, here and in the other guides', () => {
    const read = [...wordsAfter(/\boutput (?=[A-Z])/, all), ...wordsAfter(/\b(?:read|write)_secret (?=[A-Z])/, all)];
    expect(read.length).toBeGreaterThan(8);
    for (const kind of KINDS) {
      expect(read.filter((name) => !Object.hasOwn(readTemplate(kind).Outputs, name))).toEqual([]);
    }
  });

  it('says once that nobody has gone this way', () => {
    expect(guide).toContain('Nobody has gone this way in a real account yet.');
  });
});

describe('the guides that change the stack', () => {
  const updates = shellLines(all).filter((line) => line.includes('update-stack'));

  it('name every parameter: an upgrade set the sizes of the installation back to the defaults of the template', () => {
    expect(updates.length).toBeGreaterThan(0);
    const names = parameters.map(([name]) => name).toSorted();
    for (const update of updates) expect(namedParameters(update).toSorted()).toEqual(names);
  });

  it('keep each value but that which is given', () => {
    for (const update of updates) {
      expect(wordsAfter(/ParameterKey=(?=\w+,ParameterValue=)/, update)).toEqual(['ControlPlaneImage']);
      expect(update).toContain('echo "ParameterKey=$name,UsePreviousValue=true"');
    }
  });
});

describe('the guide to a restore on AWS', () => {
  const backup = readDocument('docker/backup.md');
  const commandWith = (words: string): string => shellLines(backup).find((line) => line.includes(words)) ?? '';

  it('restores what nodes can use: the new instance had another address, group, subnets, parameters and one zone', () => {
    const restore = commandWith('restore-db-instance-to-point-in-time');
    const { VPCSecurityGroups, DBSubnetGroupName, DBParameterGroupName, MultiAZ, PubliclyAccessible, DBInstanceClass } =
      theOnly(template, 'AWS::RDS::DBInstance');
    for (const chosen of [VPCSecurityGroups, DBSubnetGroupName, DBParameterGroupName, DBInstanceClass]) {
      expect(chosen).toBeDefined();
    }
    for (const option of [
      'vpc-security-group-ids',
      'db-subnet-group-name',
      'db-parameter-group-name',
      'db-instance-class',
    ]) {
      expect(restore).toContain(`--${option} $(of `);
    }
    expect([MultiAZ, PubliclyAccessible]).toEqual([true, false]);
    expect(restore).toContain('--multi-az --no-publicly-accessible');
    // The settings of a node name the instance of the stack, by whose name RDS makes the address.
    const renamed = wordsAfter(/--new-db-instance-identifier \$(?=DATABASE)/, backup);
    expect(renamed).toEqual(['DATABASE-lost', 'DATABASE']);
  });

  it('runs dumps from the definition of the nodes, without a file: their root filesystem is read-only', () => {
    const node = z
      .tuple([z.looseObject({ Name: z.string(), ReadonlyRootFilesystem: z.literal(true) })])
      .parse(theOnly(template, 'AWS::ECS::TaskDefinition')['ContainerDefinitions'])[0];
    expect(theOnly(template, 'AWS::ECS::TaskDefinition')['Family']).toBe('wip-control-plane');
    expect(commandWith('describe-task-definition')).toContain('--task-definition wip-control-plane ');
    expect(commandWith('containerOverrides')).toContain(`{name: "${node.Name}", command: [$command]}`);
    const run = shellLines(backup).filter((line) => line.startsWith("tool '") && line.includes('wipctl db'));
    expect(run.length).toBe(2);
    for (const line of run) expect(line).toMatch(/wipctl db (dump - \| aws s3 cp - |restore -')/);
  });
});

/** Those that the command names itself, and those of its loop. */
function namedParameters(command: string): string[] {
  const [, looped = ''] = /for name in ([\w\s\\]+); do/.exec(command) ?? [];
  return [...wordsAfter(/ParameterKey=/, command), ...looped.split(/[\s\\]+/).filter((word) => word !== '')];
}

describe('the sizes in the guide', () => {
  const sizing = readDocument('docker/sizing.md');
  const counted = (type: string, kind: (typeof KINDS)[number]): number =>
    Object.keys(resourcesOf(readTemplate(kind), type)).length;
  const part = (word: string): string[] =>
    tableAfter(sizing, 'An idle installation').find(([cell = '']) => cell.includes(word)) ?? [];

  it('of an idle installation are those of the templates', () => {
    const endpoints = (kind: (typeof KINDS)[number]): number =>
      Object.values(resourcesOf(readTemplate(kind), 'AWS::EC2::VPCEndpoint')).filter(
        ({ VpcEndpointType }) => VpcEndpointType === 'Interface',
      ).length;
    const both = (count: (kind: (typeof KINDS)[number]) => number): string[] =>
      KINDS.map((kind) => String(count(kind)));
    expect(part('NAT gateways').slice(1, 3)).toEqual(both((kind) => counted('AWS::EC2::NatGateway', kind)));
    expect(part('interface endpoints').slice(1, 3)).toEqual(both(endpoints));
    expect(part('secrets').slice(1, 3)).toEqual(both((kind) => counted('AWS::SecretsManager::Secret', kind)));
    expect(part('alarms').slice(1, 3)).toEqual(both((kind) => counted('AWS::CloudWatch::Alarm', kind)));
    expect(theOnly(template, 'AWS::ECS::TaskDefinition')).toMatchObject({ Cpu: '1024', Memory: '2048' });
    expect(part('nodes on Fargate')[0]).toContain('each 1 vCPU and 2 GB');
    const database = z.looseObject({ AllocatedStorage: z.string() }).parse(theOnly(template, 'AWS::RDS::DBInstance'));
    expect(part('its storage').slice(1, 3)).toEqual([database.AllocatedStorage, database.AllocatedStorage]);
  });

  it('count the connections that a node opens', () => {
    const pool = CONTROL_PLANE_FIELDS.database_pool.parse(undefined);
    expect(sizing).toContain(`| ${pool + 2}: \`database_pool\` (${pool}), one for leases, one that listens.`);
  });

  it('name every place that takes a lock of the database, and none holds one beyond its transaction', () => {
    const store = productSources().filter(({ path }) => path.startsWith('controlplane/'));
    const locking = store.filter(({ text }) => /pg_(try_)?advisory_xact_lock/.test(text)).map(({ path }) => path);
    const [, named = ''] = /advisory locks, of transactions only \| ([^|]+) \|/.exec(sizing) ?? [];
    const listed = [...named.matchAll(/`([\w/-]+\.ts)`/g)].map(([, file]) => file);
    // The doctor only tries whether a lock holds.
    expect(locking.filter((path) => !path.endsWith('probes.ts')).toSorted()).toEqual(listed.toSorted());
    expect(store.filter(({ text }) => /pg_(try_)?advisory_lock|CREATE TEMP/i.test(text))).toEqual([]);
  });
});
