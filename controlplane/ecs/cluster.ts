import { z } from 'zod';

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
  }),
]);
export type LaunchSettings = z.infer<typeof LaunchSettings>;

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
  /** Address of local ECS; Amazon's when absent. */
  readonly endpoint?: string;
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
  if (!launch.subnets) return {};
  const assignPublicIp = launch.type === 'fargate' && launch.assignPublicIp ? 'ENABLED' : 'DISABLED';
  const awsvpcConfiguration = {
    subnets: launch.subnets,
    ...(launch.securityGroups ? { securityGroups: launch.securityGroups } : {}),
    // ECS accepts this setting on Fargate only.
    ...(launch.type === 'fargate' ? { assignPublicIp } : {}),
  };
  return { networkConfiguration: { awsvpcConfiguration } };
}
