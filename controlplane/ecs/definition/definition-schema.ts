import { z } from 'zod';
import { RunTaskSettings, Tags } from '../config/run-task-settings.ts';

// The parts of RegisterTaskDefinition (Amazon ECS API reference) whose values are checked here. A key that is not here is
// looked up in the SDK's model (ecs-config.ts): what ECS knows is passed on, and a misspelt key is an error, not a setting
// that silently does nothing.

const Text = z.string().min(1);
const Port = z.int().min(0).max(65_535);
const NameValue = z.looseObject({ name: Text, value: z.string() });

const ContainerDefinition = z.looseObject({
  name: Text,
  image: Text,
  essential: z.boolean().optional(),
  cpu: z.int().min(0).optional(),
  /** MiB. */
  memory: z.int().min(6).optional(),
  memoryReservation: z.int().min(6).optional(),
  portMappings: z
    .array(
      z.looseObject({
        containerPort: Port,
        hostPort: Port.optional(),
        protocol: z.enum(['tcp', 'udp']).optional(),
        name: Text.optional(),
        appProtocol: Text.optional(),
      }),
    )
    .optional(),
  entryPoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.array(NameValue).optional(),
  environmentFiles: z.array(z.looseObject({ value: Text, type: Text })).optional(),
  secrets: z.array(z.looseObject({ name: Text, valueFrom: Text })).optional(),
  mountPoints: z
    .array(z.looseObject({ sourceVolume: Text, containerPath: Text, readOnly: z.boolean().optional() }))
    .optional(),
  volumesFrom: z.array(z.looseObject({ sourceContainer: Text, readOnly: z.boolean().optional() })).optional(),
  linuxParameters: z
    .looseObject({
      initProcessEnabled: z.boolean().optional(),
      capabilities: z.looseObject({ add: z.array(Text).optional(), drop: z.array(Text).optional() }).optional(),
      devices: z
        .array(z.looseObject({ hostPath: Text, containerPath: Text.optional(), permissions: z.array(Text).optional() }))
        .optional(),
      sharedMemorySize: z.int().min(0).optional(),
      maxSwap: z.int().min(0).optional(),
      swappiness: z.int().min(0).max(100).optional(),
      tmpfs: z
        .array(z.looseObject({ containerPath: Text, size: z.int(), mountOptions: z.array(Text).optional() }))
        .optional(),
    })
    .optional(),
  startTimeout: z.int().min(2).optional(),
  stopTimeout: z.int().min(2).optional(),
  hostname: Text.optional(),
  user: Text.optional(),
  workingDirectory: Text.optional(),
  privileged: z.boolean().optional(),
  readonlyRootFilesystem: z.boolean().optional(),
  dnsServers: z.array(Text).optional(),
  dnsSearchDomains: z.array(Text).optional(),
  extraHosts: z.array(z.looseObject({ hostname: Text, ipAddress: Text })).optional(),
  dockerSecurityOptions: z.array(Text).optional(),
  dockerLabels: z.record(z.string(), z.string()).optional(),
  ulimits: z.array(z.looseObject({ name: Text, softLimit: z.int(), hardLimit: z.int() })).optional(),
  systemControls: z.array(z.looseObject({ namespace: Text, value: z.string() })).optional(),
  logConfiguration: z
    .looseObject({
      logDriver: Text,
      options: z.record(z.string(), z.string()).optional(),
      secretOptions: z.array(z.looseObject({ name: Text, valueFrom: Text })).optional(),
    })
    .optional(),
  healthCheck: z
    .looseObject({
      command: z.array(z.string()).min(1),
      interval: z.int().optional(),
      timeout: z.int().optional(),
      retries: z.int().optional(),
      startPeriod: z.int().optional(),
    })
    .optional(),
  resourceRequirements: z.array(z.looseObject({ type: Text, value: Text })).optional(),
  repositoryCredentials: z.looseObject({ credentialsParameter: Text }).optional(),
});

const Volume = z.looseObject({
  name: Text,
  /** The volume is made at each launch: an EBS volume, by runTask.volumeConfigurations. */
  configuredAtLaunch: z.boolean().optional(),
  host: z.looseObject({ sourcePath: Text.optional() }).optional(),
  dockerVolumeConfiguration: z
    .looseObject({
      scope: z.enum(['task', 'shared']).optional(),
      autoprovision: z.boolean().optional(),
      driver: Text.optional(),
      driverOpts: z.record(z.string(), z.string()).optional(),
      labels: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  efsVolumeConfiguration: z
    .looseObject({
      fileSystemId: Text,
      rootDirectory: Text.optional(),
      transitEncryption: z.enum(['ENABLED', 'DISABLED']).optional(),
      authorizationConfig: z
        .looseObject({ accessPointId: Text.optional(), iam: z.enum(['ENABLED', 'DISABLED']).optional() })
        .optional(),
    })
    .optional(),
});

/** An effective task definition: the default with the overrides of a kind of task laid over it. */
export const DefinitionSettings = z.looseObject({
  /** Replaces the composed family name. */
  family: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,255}$/, 'may hold letters, digits, _ and -, at most 255 of them')
    .optional(),
  networkMode: z.enum(['bridge', 'host', 'awsvpc', 'none']).optional(),
  containerDefinitions: z.array(ContainerDefinition).min(1),
  volumes: z.array(Volume).optional(),
  /** CPU of the whole task. Fargate needs cpu and memory, as texts. */
  cpu: Text.optional(),
  memory: Text.optional(),
  taskRoleArn: Text.optional(),
  executionRoleArn: Text.optional(),
  pidMode: z.enum(['host', 'task']).optional(),
  ipcMode: z.enum(['host', 'task', 'none']).optional(),
  runtimePlatform: z
    .looseObject({ cpuArchitecture: Text.optional(), operatingSystemFamily: Text.optional() })
    .optional(),
  ephemeralStorage: z.looseObject({ sizeInGiB: z.int().min(21).max(200) }).optional(),
  placementConstraints: z.array(z.looseObject({ type: Text, expression: Text.optional() })).optional(),
  requiresCompatibilities: z.array(z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'])).optional(),
  tags: Tags.optional(),
  /**
   * Whether the image has a shell entrypoint with sshd in place of the agent (docker/README.md, Images without the agent). It
   * is not registered.
   */
  legacy: z.boolean().optional(),
  /** What RunTask is told beside the definition; it is not registered. */
  runTask: RunTaskSettings.optional(),
});
export type DefinitionSettings = z.infer<typeof DefinitionSettings>;

export const Naming = z.strictObject({ namespace: Text, customer: Text });
export type Naming = z.infer<typeof Naming>;

/** The sections of a file. */
export const SECTIONS = ['naming', 'default', 'overrides', 'clusters'] as const;
