import { z } from 'zod';

const Text = z.string();
const Texts = z.array(Text);
const Pair = z.object({ name: Text, value: Text });

const LinuxParameters = z.looseObject({
  initProcessEnabled: z.boolean().optional(),
  capabilities: z.looseObject({ add: Texts.optional(), drop: Texts.optional() }).optional(),
  devices: z
    .array(z.looseObject({ hostPath: Text, containerPath: Text.optional(), permissions: Texts.optional() }))
    .optional(),
  /** MiB. */
  sharedMemorySize: z.number().optional(),
  /** Sizes in MiB. */
  tmpfs: z.array(z.looseObject({ containerPath: Text, size: z.number(), mountOptions: Texts.optional() })).optional(),
  /** MiB. */
  maxSwap: z.number().optional(),
  swappiness: z.number().optional(),
});

/** Times in seconds. */
const HealthCheck = z.looseObject({
  command: Texts,
  interval: z.number().optional(),
  timeout: z.number().optional(),
  retries: z.number().optional(),
  startPeriod: z.number().optional(),
});

/** A container of a task definition, with everything that a container engine is told. */
export const DockerContainer = z.looseObject({
  name: Text,
  image: Text,
  /** Shares of a processor, 1024 each. */
  cpu: z.number().optional(),
  /** MiB. */
  memory: z.number().optional(),
  /** MiB. */
  memoryReservation: z.number().optional(),
  command: Texts.optional(),
  entryPoint: Texts.optional(),
  workingDirectory: Text.optional(),
  user: Text.optional(),
  hostname: Text.optional(),
  privileged: z.boolean().optional(),
  readonlyRootFilesystem: z.boolean().optional(),
  disableNetworking: z.boolean().optional(),
  interactive: z.boolean().optional(),
  pseudoTerminal: z.boolean().optional(),
  dnsServers: Texts.optional(),
  dnsSearchDomains: Texts.optional(),
  dockerSecurityOptions: Texts.optional(),
  dockerLabels: z.record(Text, Text).optional(),
  extraHosts: z.array(z.looseObject({ hostname: Text, ipAddress: Text })).optional(),
  systemControls: z.array(z.looseObject({ namespace: Text, value: Text })).optional(),
  ulimits: z.array(z.looseObject({ name: Text, softLimit: z.number(), hardLimit: z.number() })).optional(),
  portMappings: z
    .array(
      z.looseObject({
        containerPort: z.int().optional(),
        hostPort: z.int().optional(),
        protocol: z.enum(['tcp', 'udp']).optional(),
      }),
    )
    .optional(),
  mountPoints: z
    .array(z.looseObject({ sourceVolume: Text, containerPath: Text, readOnly: z.boolean().optional() }))
    .optional(),
  linuxParameters: LinuxParameters.optional(),
  healthCheck: HealthCheck.optional(),
});
export type DockerContainer = z.infer<typeof DockerContainer>;

const Volume = z.looseObject({
  name: Text,
  host: z.looseObject({ sourcePath: Text.optional() }).optional(),
  dockerVolumeConfiguration: z
    .looseObject({ scope: Text.optional(), driver: Text.optional(), driverOpts: z.record(Text, Text).optional() })
    .optional(),
});

/** A task definition of one container, as a container engine runs it. */
export const DockerDefinition = z.looseObject({
  family: Text,
  networkMode: z.enum(['bridge', 'host', 'awsvpc', 'none']).default('bridge'),
  cpu: Text.optional(),
  memory: Text.optional(),
  pidMode: Text.optional(),
  ipcMode: Text.optional(),
  containerDefinitions: z.tuple([DockerContainer]),
  volumes: z.array(Volume).default([]),
});
export type DockerDefinition = z.infer<typeof DockerDefinition>;

/** What RunTask may change of the definition; the variables are in the order already. */
export const DockerOverrides = z.looseObject({
  cpu: Text.optional(),
  memory: Text.optional(),
  containerOverrides: z
    .array(
      z.looseObject({
        name: Text.optional(),
        command: Texts.optional(),
        cpu: z.number().optional(),
        memory: z.number().optional(),
        memoryReservation: z.number().optional(),
        environment: z.array(Pair).optional(),
      }),
    )
    .default([]),
});
export type DockerOverrides = z.infer<typeof DockerOverrides>;
