import { createHash } from 'node:crypto';
import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import { sizeOf } from '../../containers/rules/task-size.ts';
import { refuseImpossibleVariables } from '../input/container-environment.ts';
import type { LaunchOrder } from '../launcher.ts';
import { DockerDefinition, DockerOverrides, type DockerContainer } from './docker-definition.ts';
import { whyNotInDocker } from './why-not-in-docker.ts';

/** Labels that the agent of ECS gives its containers ("Amazon ECS container agent", labels). */
export const TASK_ARN_LABEL = 'com.amazonaws.ecs.task-arn';
/** The container's directory: two local ECS on one engine never take each other's containers for their own. */
export const DIRECTORY_LABEL = 'wip.directory';

const MIB = 1024 * 1024;
const CPU_UNITS = 1024;
const NANO = 1e9;
/** The smallest share that Linux takes; ECS passes it on for less ("Task definition parameters", cpu). */
const MIN_CPU_SHARES = 2;

export interface ContainerPlan {
  readonly options: ContainerCreateOptions & { readonly name: string };
  /** Names of volumes that are made for this container and removed with it. */
  readonly volumes: readonly string[];
}

/** Returns the name of an order's container. */
export function containerName({ arn, directory }: Pick<LaunchOrder, 'arn' | 'directory'>): string {
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 8);
  return `wip-${arn.replace(/^.*\//, '').slice(0, 32)}-${hash}`;
}

export function containerLabels({ arn, directory }: Pick<LaunchOrder, 'arn' | 'directory'>): Record<string, string> {
  return { [TASK_ARN_LABEL]: arn, [DIRECTORY_LABEL]: directory };
}

/**
 * Returns what the engine is told to run for an order, as the agent of ECS would tell it. `network` is a network of the
 * engine that containers join in place of its default one. Throws an error in the words of ECS.
 */
export function planContainer(order: LaunchOrder, network: string | null): ContainerPlan {
  const definition = parseDefinition(order);
  const overrides = DockerOverrides.parse(order.overrides ?? {});
  refuseImpossibleVariables(order.environment);
  const [defined] = definition.containerDefinitions;
  const container = withOverrides(defined, overrides);
  const name = containerName(order);
  const volumes = volumesOf(definition, container, name);
  const isPublished = definition.networkMode === 'bridge' && network === null;
  return {
    volumes: volumes.made,
    options: {
      ...processOptions(container),
      name,
      Image: withTag(container.image),
      Env: Object.entries({ ...order.environment, WIP_TASK_ARN: order.arn }).map(([key, value]) => `${key}=${value}`),
      Labels: { ...container.dockerLabels, ...identityLabels(order, definition, container), ...containerLabels(order) },
      ExposedPorts: isPublished ? Object.fromEntries(portsOf(container).map(({ port }) => [port, {}])) : {},
      HostConfig: {
        ...hostOptions(container),
        ...sizeOptions(container, overrides.cpu ?? definition.cpu, overrides.memory ?? definition.memory),
        ...linuxOptions(container),
        Binds: volumes.binds,
        NetworkMode: networkModeOf(definition, container, network),
        ...(isPublished && { PortBindings: bindingsOf(container) }),
        ...(definition.pidMode === 'host' && { PidMode: 'host' }),
        ...((definition.ipcMode === 'host' || definition.ipcMode === 'none') && { IpcMode: definition.ipcMode }),
        RestartPolicy: { Name: 'no' },
      },
    },
  };
}

function withOverrides(container: DockerContainer, { containerOverrides }: DockerOverrides): DockerContainer {
  const { command, cpu, memory, memoryReservation } =
    containerOverrides.find(({ name }) => name === undefined || name === container.name) ?? {};
  return {
    ...container,
    ...(command && { command }),
    ...(cpu !== undefined && { cpu }),
    ...(memory !== undefined && { memory }),
    ...(memoryReservation !== undefined && { memoryReservation }),
  };
}

/** The engine would fetch every tag of an image without one. */
export function withTag(image: string): string {
  return /:[^/]+$/.test(image) || image.includes('@') ? image : `${image}:latest`;
}

function parseDefinition({ arn, definition }: LaunchOrder): DockerDefinition {
  if (!definition) throw new Error(`CannotCreateContainerError: the task definition of ${arn} was deleted`);
  const refused = whyNotInDocker(definition);
  if (refused !== null) throw new Error(`CannotCreateContainerError: ${refused}`);
  return DockerDefinition.parse(definition);
}

function identityLabels(order: LaunchOrder, { family }: DockerDefinition, { name }: DockerContainer) {
  const [, cluster = ''] = /:task\/([^/]+)\//.exec(order.arn) ?? [];
  return {
    'com.amazonaws.ecs.cluster': cluster,
    'com.amazonaws.ecs.container-name': name,
    'com.amazonaws.ecs.task-definition-family': family,
  };
}

/** What runs in the container, and how. */
function processOptions(container: DockerContainer): Partial<ContainerCreateOptions> {
  const { command, entryPoint, workingDirectory, user, hostname, healthCheck } = container;
  return {
    ...(command && { Cmd: command }),
    ...(entryPoint && entryPoint.length > 0 && { Entrypoint: entryPoint }),
    ...(workingDirectory !== undefined && { WorkingDir: workingDirectory }),
    ...(user !== undefined && { User: user }),
    ...(hostname !== undefined && { Hostname: hostname }),
    Tty: container.pseudoTerminal ?? false,
    OpenStdin: container.interactive ?? false,
    ...(healthCheck && {
      Healthcheck: {
        Test: healthCheck.command,
        // The defaults of ECS ("HealthCheck").
        Interval: (healthCheck.interval ?? 30) * NANO,
        Timeout: (healthCheck.timeout ?? 5) * NANO,
        Retries: healthCheck.retries ?? 3,
        StartPeriod: (healthCheck.startPeriod ?? 0) * NANO,
      },
    }),
  };
}

function hostOptions(container: DockerContainer): HostConfig {
  return {
    Privileged: container.privileged ?? false,
    ReadonlyRootfs: container.readonlyRootFilesystem ?? false,
    ...(container.dnsServers && { Dns: container.dnsServers }),
    ...(container.dnsSearchDomains && { DnsSearch: container.dnsSearchDomains }),
    ...(container.dockerSecurityOptions && { SecurityOpt: container.dockerSecurityOptions }),
    ...(container.extraHosts && {
      ExtraHosts: container.extraHosts.map(({ hostname, ipAddress }) => `${hostname}:${ipAddress}`),
    }),
    ...(container.systemControls && {
      Sysctls: Object.fromEntries(container.systemControls.map(({ namespace, value }) => [namespace, value])),
    }),
    ...(container.ulimits && {
      Ulimits: container.ulimits.map(({ name, softLimit, hardLimit }) => ({
        Name: name,
        Soft: softLimit,
        Hard: hardLimit,
      })),
    }),
  };
}

/**
 * The memory of the container and of the whole task are limits, and so is the cpu of the task; the cpu of a container is
 * a share of what is contended for ("Task definition parameters").
 */
function sizeOptions(
  container: DockerContainer,
  taskCpu: string | undefined,
  taskMemory: string | undefined,
): HostConfig {
  const limits = [container.memory, taskMemory === undefined ? undefined : sizeOf(taskMemory)].filter(
    (size): size is number => size !== undefined && size > 0,
  );
  const memory = limits.length === 0 ? undefined : Math.min(...limits);
  const { maxSwap = 0, swappiness } = container.linuxParameters ?? {};
  return {
    CpuShares: Math.max(MIN_CPU_SHARES, container.cpu ?? 0),
    ...(taskCpu !== undefined && { NanoCpus: Math.round((sizeOf(taskCpu) / CPU_UNITS) * NANO) }),
    // Without swap, as on Fargate and on the machine images of ECS.
    ...(memory !== undefined && { Memory: memory * MIB, MemorySwap: (memory + maxSwap) * MIB }),
    ...(container.memoryReservation !== undefined && { MemoryReservation: container.memoryReservation * MIB }),
    ...(swappiness !== undefined && maxSwap > 0 && { MemorySwappiness: swappiness }),
  };
}

function linuxOptions({ linuxParameters: linux }: DockerContainer): HostConfig {
  if (!linux) return {};
  return {
    ...(linux.initProcessEnabled !== undefined && { Init: linux.initProcessEnabled }),
    ...(linux.capabilities?.add && { CapAdd: linux.capabilities.add }),
    ...(linux.capabilities?.drop && { CapDrop: linux.capabilities.drop }),
    ...(linux.sharedMemorySize !== undefined && { ShmSize: linux.sharedMemorySize * MIB }),
    ...(linux.tmpfs && {
      Tmpfs: Object.fromEntries(
        linux.tmpfs.map(({ containerPath, size, mountOptions = [] }) => [
          containerPath,
          [`size=${size}m`, ...mountOptions].join(','),
        ]),
      ),
    }),
    ...(linux.devices && {
      Devices: linux.devices.map(({ hostPath, containerPath, permissions = ['read', 'write', 'mknod'] }) => ({
        PathOnHost: hostPath,
        PathInContainer: containerPath ?? hostPath,
        CgroupPermissions: permissions.map((permission) => permission.charAt(0)).join(''),
      })),
    }),
  };
}

function networkModeOf({ networkMode }: DockerDefinition, container: DockerContainer, network: string | null): string {
  if (networkMode === 'none' || container.disableNetworking === true) return 'none';
  return networkMode === 'host' ? 'host' : (network ?? 'bridge');
}

interface Port {
  /** The container's port, such as `22/tcp`. */
  readonly port: string;
  /** Empty: any free one. */
  readonly hostPort: string;
}

function portsOf({ portMappings = [] }: DockerContainer): readonly Port[] {
  return portMappings.map(({ containerPort = 0, hostPort = 0, protocol = 'tcp' }) => ({
    port: `${containerPort}/${protocol}`,
    hostPort: hostPort === 0 ? '' : String(hostPort),
  }));
}

/** Ports are published on the loopback address: a container here is nobody else's business. */
function bindingsOf(container: DockerContainer) {
  return Object.fromEntries(
    portsOf(container).map(({ port, hostPort }) => [port, [{ HostIp: '127.0.0.1', HostPort: hostPort }]]),
  );
}

/** A volume without a directory of the host is a new one of the engine, as ECS makes it, and lasts as long as its task. */
function volumesOf({ volumes }: DockerDefinition, { mountPoints = [] }: DockerContainer, name: string) {
  const own = new Map(
    volumes.flatMap((volume, index) =>
      volume.host?.sourcePath === undefined ? [[volume.name, `${name}-${index + 1}`] as const] : [],
    ),
  );
  const directories = new Map(volumes.map((volume) => [volume.name, volume.host?.sourcePath]));
  return {
    binds: mountPoints.map(({ sourceVolume, containerPath, readOnly }) => {
      const source = own.get(sourceVolume) ?? directories.get(sourceVolume) ?? '';
      return `${source}:${containerPath}${readOnly === true ? ':ro' : ''}`;
    }),
    made: [...own.values()],
  };
}
