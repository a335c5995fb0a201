import { z } from 'zod';
import { isFargateProvider, type LaunchTraits } from '../../containers/rules/launch-rules.ts';
import type { ConnectionSettings } from '../client/aws-connection.ts';

const Names = z.array(z.string().min(1));

/** How containers of a cluster are launched: the parts of RunTask that belong to the cluster and not to the task. */
export const LaunchSettings = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('ec2'),
    /** For awsvpc networks only. */
    subnets: Names.optional(),
    securityGroups: Names.optional(),
    placementConstraints: z.array(z.strictObject({ type: z.string(), expression: z.string().optional() })).optional(),
  }),
  z.strictObject({
    type: z.literal('fargate'),
    subnets: Names.min(1),
    securityGroups: Names.optional(),
    assignPublicIp: z.boolean().default(false),
    platformVersion: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('capacity-providers'),
    providers: z
      .array(z.strictObject({ name: z.string(), weight: z.int().min(0).default(1), base: z.int().min(0).default(0) }))
      .min(1),
    subnets: Names.optional(),
    securityGroups: Names.optional(),
    /** On Fargate only. */
    assignPublicIp: z.boolean().optional(),
    platformVersion: z.string().optional(),
  }),
]);
export type LaunchSettings = z.infer<typeof LaunchSettings>;

/** The same as it may be saved. A row that an earlier version saved is still read. */
export const NewLaunchSettings = LaunchSettings.superRefine(checkProviders);

/** What ECS refuses in a strategy of capacity providers ("Amazon ECS capacity providers", considerations). */
function checkProviders(launch: LaunchSettings, context: z.RefinementCtx): void {
  if (launch.type !== 'capacity-providers') return;
  const { providers, subnets, assignPublicIp, platformVersion } = launch;
  const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
  const ofFargate = providers.filter(({ name }) => isFargateProvider(name));
  if (ofFargate.length > 0 && ofFargate.length < providers.length) {
    refuse('providers', 'Fargate and other capacity providers cannot be mixed in one strategy');
  }
  if (providers.filter(({ base }) => base > 0).length > 1) refuse('providers', 'only one provider can have a base');
  if (providers.every(({ weight }) => weight === 0))
    refuse('providers', 'at least one provider needs a weight above 0');
  if (ofFargate.length > 0 && !subnets?.length) refuse('subnets', 'Fargate needs at least one subnet');
  if (ofFargate.length > 0) return;
  if (assignPublicIp) refuse('assignPublicIp', 'only Fargate gives a public address');
  if (platformVersion !== undefined) refuse('platformVersion', 'only Fargate has platform versions');
}

/** Returns what a task definition must fit to. A strategy of Fargate's capacity providers is Fargate in everything. */
export function launchTraits(launch: LaunchSettings): LaunchTraits {
  const isFargate =
    launch.type === 'fargate' ||
    (launch.type === 'capacity-providers' && launch.providers.some(({ name }) => isFargateProvider(name)));
  return { kind: isFargate ? 'fargate' : 'ec2', hasSubnets: (launch.subnets?.length ?? 0) > 0 };
}

/**
 * One row of `ecs_cluster`, with its secret decrypted. Without an access key the SDK's default credential chain is
 * used.
 */
export interface EcsCluster {
  readonly name: string;
  readonly region: string;
  readonly cluster: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** Beside the access key of a session. */
  readonly sessionToken?: string;
  /** A role that is assumed with these credentials. */
  readonly roleArn?: string;
  readonly externalId?: string;
  /** Address of local ECS, or a VPC endpoint; Amazon's for the region when absent. */
  readonly endpoint?: string;
  readonly connection?: ConnectionSettings;
  readonly launch: LaunchSettings;
}

/** Returns the part of RunTask's input that the cluster decides. */
export function placementOf(launch: LaunchSettings): Record<string, unknown> {
  const network = networkOf(launch);
  switch (launch.type) {
    case 'fargate':
      return {
        launchType: 'FARGATE',
        ...network,
        ...(launch.platformVersion ? { platformVersion: launch.platformVersion } : {}),
      };
    case 'capacity-providers':
      return {
        ...network,
        ...(launch.platformVersion ? { platformVersion: launch.platformVersion } : {}),
        capacityProviderStrategy: launch.providers.map(({ name, weight, base }) => ({
          capacityProvider: name,
          weight,
          base,
        })),
      };
    case 'ec2':
      return {
        launchType: 'EC2',
        ...network,
        // The disk of the machine limits builds before anything else, so they are spread over machines.
        placementStrategy: [{ type: 'spread', field: 'instanceId' }],
        ...(launch.placementConstraints ? { placementConstraints: launch.placementConstraints } : {}),
      };
  }
}

function networkOf(launch: LaunchSettings): Record<string, unknown> {
  if (!launch.subnets?.length) return {};
  const isPublic = launch.type !== 'ec2' && launch.assignPublicIp === true;
  const awsvpcConfiguration = {
    subnets: launch.subnets,
    ...(launch.securityGroups ? { securityGroups: launch.securityGroups } : {}),
    // ECS accepts this setting on Fargate only.
    ...(launchTraits(launch).kind === 'fargate' ? { assignPublicIp: isPublic ? 'ENABLED' : 'DISABLED' } : {}),
  };
  return { networkConfiguration: { awsvpcConfiguration } };
}
