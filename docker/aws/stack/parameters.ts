import { CfnParameter } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** What is asked for when the stack is made or changed. */
export interface Parameters {
  readonly controlPlaneImage: string;
  readonly controlPlaneRepository: string;
  readonly buildImage: string;
  readonly buildRepository: string;
  readonly domainName: string;
  readonly certificateArn: string;
  readonly allowedRange: string;
  readonly nodes: number;
  readonly databaseClass: string;
  readonly machineType: string;
  readonly maxMachines: number;
}

export function createParameters(scope: Construct): Parameters {
  const text = (name: string, description: string, more: object = {}): string =>
    new CfnParameter(scope, name, { type: 'String', description, ...more }).valueAsString;
  const count = (name: string, description: string, more: object): number =>
    new CfnParameter(scope, name, { type: 'Number', description, ...more }).valueAsNumber;
  const repository = { allowedPattern: '[a-z0-9]+(?:[._/-][a-z0-9]+)*' };
  return {
    controlPlaneImage: text(
      'ControlPlaneImage',
      'Image of docker/controlplane.Dockerfile, by digest or with a fixed tag.',
    ),
    controlPlaneRepository: text('ControlPlaneRepository', 'Name of its repository in ECR.', {
      default: 'wip-controlplane',
      ...repository,
    }),
    buildImage: text('BuildImage', 'Image of builds, made from docker/agent.Dockerfile.'),
    buildRepository: text('BuildRepository', 'Name of its repository in ECR.', { default: 'wip-build', ...repository }),
    domainName: text(
      'DomainName',
      'Name under which people and containers reach the control plane, such as wip.example.org.',
      {
        allowedPattern: '[a-z0-9-]+(\\.[a-z0-9-]+)+',
      },
    ),
    certificateArn: text('CertificateArn', 'Certificate of AWS Certificate Manager for that name, in this region.', {
      allowedPattern: 'arn:[a-z-]+:acm:.+',
    }),
    allowedRange: text('AllowedRange', 'Addresses that people and their programs come from, such as 198.51.100.0/24.', {
      allowedPattern: '\\d+\\.\\d+\\.\\d+\\.\\d+/\\d+',
    }),
    nodes: count('Nodes', 'Nodes of the control plane.', { default: 2, minValue: 1 }),
    databaseClass: text('DatabaseClass', 'Instance class of the database.', { default: 'db.t4g.medium' }),
    machineType: text('MachineType', 'Instance type of the machines that builds run on, with x86-64 processors.', {
      default: 'm7i.xlarge',
    }),
    maxMachines: count('MaxMachines', 'Most machines that may run at once; without builds there are none.', {
      default: 10,
      minValue: 0,
    }),
  };
}
