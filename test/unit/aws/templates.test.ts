import { join } from 'node:path';
import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { readMasterKeys } from '../../../controlplane/keys/read-master-keys.ts';
import { hashSources } from '../../../docker/aws/sources-hash.mjs';
import { readDocument, ROOT } from '../docs/documents.ts';
import { policyNames, readStatements } from './policies.ts';
import { KINDS, readTemplate, resourcesOf, theOnly } from './templates.ts';

const Statements = z.object({
  Statement: z.array(z.looseObject({ Sid: z.string(), Action: z.unknown() })),
});
const Role = z.object({
  ManagedPolicyArns: z.undefined().optional(),
  Policies: z.tuple([z.object({ PolicyDocument: Statements })]),
});

const Checked = z.tuple([z.object({ HealthCheck: z.object({ Command: z.array(z.string()) }) })]);

const Rule = z.object({
  CidrIp: z.unknown().optional(),
  SourceSecurityGroupId: z.unknown().optional(),
  FromPort: z.number(),
  ToPort: z.number(),
});

it('the templates are made from the sources beside them (else run npm run aws:synth)', () => {
  expect(readDocument('docker/aws/templates/sources.sha256').trim()).toBe(hashSources(join(ROOT, 'docker/aws')));
});

describe.each(KINDS)('the template for the network %s', (kind) => {
  const template = readTemplate(kind);

  it('is small enough to be given to CloudFormation without a bucket', () => {
    expect(JSON.stringify(template).length).toBeLessThan(51_200);
  });

  it('uploads nothing, runs no code of its own, and looks nothing up but the image of the machines', () => {
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /^(Custom::|AWS::Lambda|AWS::CloudFormation)/.test(type))).toEqual([]);
    const lookedUp = Object.values(template.Parameters).filter(({ Type }) => Type.startsWith('AWS::SSM'));
    expect(lookedUp.map(({ Default }) => Default)).toEqual([
      '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id',
    ]);
  });

  it('gives each role one of the policies in docker/aws/iam and nothing else', () => {
    const roles = Object.values(resourcesOf(template, 'AWS::IAM::Role')).map((role) => Role.parse(role));
    const sids = roles.map(({ Policies: [{ PolicyDocument }] }) => PolicyDocument.Statement.map(({ Sid }) => Sid));
    // No cluster of the template has a role in another account.
    const files = policyNames().filter((name) => name !== 'control-plane-assume-role.json');
    expect(sids.toSorted()).toEqual(files.map((name) => readStatements(name).map(({ Sid }) => Sid)).toSorted());
    expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual({});
  });

  it('lets the internet in nowhere, and each group in for what it needs', () => {
    const rules = [
      ...Object.entries(resourcesOf(template, 'AWS::EC2::SecurityGroup')).flatMap(([id, { SecurityGroupIngress }]) =>
        z
          .array(z.unknown())
          .default([])
          .parse(SecurityGroupIngress)
          .map((rule) => [id, rule] as const),
      ),
      ...Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress')).map(
        (rule) => [groupOf(rule['GroupId']), rule] as const,
      ),
    ].map(([to, rule]) => {
      const { CidrIp, SourceSecurityGroupId, FromPort, ToPort } = Rule.parse(rule);
      const from = SourceSecurityGroupId === undefined ? rangeOf(CidrIp) : groupOf(SourceSecurityGroupId);
      return `${plain(from)} → ${plain(to)} ${FromPort === ToPort ? FromPort : `${FromPort}–${ToPort}`}`;
    });
    const containers =
      kind === 'nat'
        ? ['a NAT gateway → BalancerGroup 443', 'a NAT gateway → BalancerGroup 443']
        : [
            'BuildGroup → BalancerGroup 443',
            'MachineGroup → BalancerGroup 443',
            'NodeGroup → BalancerGroup 443',
            'the VPC → EndpointGroup 443',
          ];
    expect(rules.toSorted()).toEqual(
      [
        ...containers,
        'AllowedRange → BalancerGroup 443',
        'BalancerGroup → NodeGroup 8090',
        'NodeGroup → BuildGroup 22',
        'NodeGroup → DatabaseGroup 5432',
        'NodeGroup → MachineGroup 32768–65535',
      ].toSorted(),
    );
  });

  it('keeps the database and every secret when the stack is deleted', () => {
    const kept = Object.entries(template.Resources).filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain');
    const types = kept.map(([, { Type }]) => Type).toSorted();
    const secret = 'AWS::SecretsManager::Secret';
    expect(types).toEqual([
      'AWS::Logs::LogGroup',
      'AWS::RDS::DBInstance',
      'AWS::RDS::DBSubnetGroup',
      ...Array.from({ length: 5 }, () => secret),
    ]);
  });

  it('makes a master key that a node takes', () => {
    const [, key] = Object.entries(resourcesOf(template, 'AWS::SecretsManager::Secret')).find(([id]) =>
      id.startsWith('MasterKey'),
    ) ?? ['', {}];
    expect(key['GenerateSecretString']).toEqual({ ExcludePunctuation: true, PasswordLength: 43 });
    // Letters and digits are all of base64's alphabet but two signs, and 43 of them are 32 bytes.
    const generated = 'zY9'.repeat(15).slice(0, 43);
    const keys = readMasterKeys({ mode: 'production', data_dir: '', master_key: generated });
    expect(keys.reveal()).toHaveLength(32);
  });

  it('replaces no node for a database that is away: after 150 s ECS killed all of them, and again while it lasted', () => {
    // What /readyz answers is the same on every node, so ECS, which replaces what is unhealthy, must not hear it.
    const { HealthCheckPath } = theOnly(template, 'AWS::ElasticLoadBalancingV2::TargetGroup');
    expect(HealthCheckPath).toBe('/healthz');
    const { ContainerDefinitions } = theOnly(template, 'AWS::ECS::TaskDefinition');
    const [{ HealthCheck }] = Checked.parse(ContainerDefinitions);
    expect(HealthCheck.Command.slice(0, 3)).toEqual(['CMD', 'node', '-e']);
    expect(HealthCheck.Command.join(' ')).toContain('http://127.0.0.1:8090/healthz');
    expect(JSON.stringify(template.Resources)).not.toContain('/readyz"');
  });

  it('asks a node as its image does, because ECS ignores the health check of an image', () => {
    const { ContainerDefinitions } = theOnly(template, 'AWS::ECS::TaskDefinition');
    const [{ HealthCheck }] = Checked.parse(ContainerDefinitions);
    const [, ofImage = ''] =
      /HEALTHCHECK[^\n]*\n\s*CMD (\[[^\n]*\])/.exec(readDocument('docker/controlplane.Dockerfile')) ?? [];
    const plain = ofImage.replace("127.0.0.1:' + (process.env.WIP_PORT || 8090) + '/healthz", '127.0.0.1:8090/healthz');
    expect(['CMD', ...z.array(z.string()).parse(JSON.parse(plain))]).toEqual(HealthCheck.Command);
  });

  it('has machines only while there are builds', () => {
    expect(theOnly(template, 'AWS::AutoScaling::AutoScalingGroup')).toMatchObject({ MinSize: '0' });
  });
});

function groupOf(reference: unknown): string {
  return z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('GroupId')]) }).parse(reference)['Fn::GetAtt'][0];
}

function rangeOf(range: unknown): string {
  const text = JSON.stringify(range);
  if (text.includes('EIP')) return 'a NAT gateway';
  return text.includes('CidrBlock') ? 'the VPC' : z.object({ Ref: z.string() }).parse(range).Ref;
}

/** Without the hash of CDK's logical ids. */
function plain(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}
