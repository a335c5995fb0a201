import { z } from 'zod';
import { Integer, Pair, Pairs, Text, Texts } from './request-fields.ts';
import { TagsInput } from './tags-input.ts';

const Flag = z.boolean();
const Described = z.record(Text, Text);

const PortMapping = z.looseObject({
  containerPort: Integer.optional(),
  hostPort: Integer.optional(),
  containerPortRange: Text.optional(),
  protocol: Text.optional(),
  appProtocol: Text.optional(),
  name: Text.optional(),
});
const HealthCheck = z.looseObject({
  command: Texts,
  interval: Integer.optional(),
  timeout: Integer.optional(),
  retries: Integer.optional(),
  startPeriod: Integer.optional(),
});
const LinuxParameters = z.looseObject({
  initProcessEnabled: Flag.optional(),
  capabilities: z.looseObject({ add: Texts.optional(), drop: Texts.optional() }).optional(),
  devices: z
    .array(
      z.looseObject({
        hostPath: Text.optional(),
        containerPath: Text.optional(),
        permissions: Texts.optional(),
      }),
    )
    .optional(),
  sharedMemorySize: Integer.optional(),
  tmpfs: z
    .array(z.looseObject({ containerPath: Text.optional(), size: Integer.optional(), mountOptions: Texts.optional() }))
    .optional(),
  maxSwap: Integer.optional(),
  swappiness: Integer.optional(),
});

/** "Ulimit" and "LogConfiguration" of the Amazon ECS API reference. */
const ULIMITS = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
] as const;
const LOG_DRIVERS = ['json-file', 'syslog', 'journald', 'gelf', 'fluentd', 'awslogs', 'splunk', 'awsfirelens'] as const;

const RegisteredContainer = z.looseObject({
  name: Text.optional(),
  image: Text.optional(),
  cpu: Integer.optional(),
  memory: Integer.optional(),
  memoryReservation: Integer.optional(),
  essential: Flag.optional(),
  entryPoint: Texts.optional(),
  command: Texts.optional(),
  environment: Pairs.optional(),
  environmentFiles: z.array(z.looseObject({ value: Text, type: Text })).optional(),
  secrets: z.array(z.looseObject({ name: Text, valueFrom: Text })).optional(),
  portMappings: z.array(PortMapping).optional(),
  mountPoints: z
    .array(z.looseObject({ sourceVolume: Text.optional(), containerPath: Text.optional(), readOnly: Flag.optional() }))
    .optional(),
  volumesFrom: z.array(z.looseObject({ sourceContainer: Text.optional() })).optional(),
  dependsOn: z.array(z.looseObject({ containerName: Text, condition: Text })).optional(),
  links: Texts.optional(),
  startTimeout: Integer.optional(),
  stopTimeout: Integer.optional(),
  hostname: Text.optional(),
  user: Text.optional(),
  workingDirectory: Text.optional(),
  disableNetworking: Flag.optional(),
  privileged: Flag.optional(),
  readonlyRootFilesystem: Flag.optional(),
  interactive: Flag.optional(),
  pseudoTerminal: Flag.optional(),
  dnsServers: Texts.optional(),
  dnsSearchDomains: Texts.optional(),
  dockerSecurityOptions: Texts.optional(),
  dockerLabels: Described.optional(),
  extraHosts: z.array(z.looseObject({ hostname: Text, ipAddress: Text })).optional(),
  ulimits: z.array(z.looseObject({ name: z.enum(ULIMITS), softLimit: Integer, hardLimit: Integer })).optional(),
  systemControls: z.array(z.looseObject({ namespace: Text.optional(), value: Text.optional() })).optional(),
  resourceRequirements: z.array(z.looseObject({ value: Text, type: Text })).optional(),
  versionConsistency: Text.optional(),
  restartPolicy: z.looseObject({ enabled: Flag }).optional(),
  repositoryCredentials: z.looseObject({ credentialsParameter: Text }).optional(),
  credentialSpecs: Texts.optional(),
  firelensConfiguration: z.looseObject({ type: Text }).optional(),
  logConfiguration: z
    .looseObject({
      logDriver: z.enum(LOG_DRIVERS),
      options: Described.optional(),
      secretOptions: z.array(z.unknown()).optional(),
    })
    .optional(),
  linuxParameters: LinuxParameters.optional(),
  healthCheck: HealthCheck.optional(),
});

const Volume = z.looseObject({
  name: Text.optional(),
  host: z.looseObject({ sourcePath: Text.optional() }).optional(),
  configuredAtLaunch: Flag.optional(),
  dockerVolumeConfiguration: z
    .looseObject({ scope: z.enum(['task', 'shared']).optional(), driverOpts: Described.optional() })
    .optional(),
});

/** The input of RegisterTaskDefinition by its types. */
export const RegisterInput = z.looseObject({
  family: Text,
  containerDefinitions: z.array(RegisteredContainer),
  networkMode: z.enum(['bridge', 'host', 'awsvpc', 'none']).optional(),
  requiresCompatibilities: z.array(z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'])).optional(),
  cpu: Text.optional(),
  memory: Text.optional(),
  pidMode: z.enum(['host', 'task']).optional(),
  ipcMode: z.enum(['host', 'task', 'none']).optional(),
  taskRoleArn: Text.optional(),
  executionRoleArn: Text.optional(),
  ephemeralStorage: z.looseObject({ sizeInGiB: Integer }).optional(),
  placementConstraints: z
    .array(z.looseObject({ type: z.enum(['memberOf']).optional(), expression: Text.optional() }))
    .optional(),
  runtimePlatform: z
    .looseObject({
      cpuArchitecture: z.enum(['X86_64', 'ARM64']).optional(),
      operatingSystemFamily: Text.optional(),
    })
    .optional(),
  inferenceAccelerators: z.array(z.unknown()).optional(),
  proxyConfiguration: z.looseObject({ containerName: Text, properties: z.array(Pair).optional() }).optional(),
  enableFaultInjection: Flag.optional(),
  volumes: z.array(Volume).optional(),
  tags: TagsInput,
});
