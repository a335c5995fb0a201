import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { listenFailure } from '../../shared/http/listen-failure.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Logger } from '../../shared/system/logger.ts';
import { AgentConnections } from './placement/agent-connections.ts';
import { openAccessKey, type AccessKey } from './protocol/access-key.ts';
import { claimDirectory } from './claim-directory.ts';
import { createFaults, type ContainerFault, type Faults } from './faults/faults.ts';
import { createEcsServer } from './protocol/ecs-server.ts';
import type { Launcher } from './launcher.ts';
import type { InstanceResources, ActionContext } from './operations/action-context.ts';
import { hostLost, isAgentReached } from './placement/container-instances.ts';
import { injectFault } from './faults/inject-fault.ts';
import type { LocalState } from './local-state.ts';
import { openStateFile } from './state-file.ts';
import type { StatusDelays } from './task-lifecycle.ts';
import { TaskLifecycles } from './task-lifecycles.ts';
import { whyUnsupported } from './input/unsupported.ts';

export interface LocalEcsOptions {
  /** Holds the state, and one directory per container. Created when it does not exist. */
  readonly directory: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** The address to listen on. Default: 127.0.0.1. */
  readonly host?: string;
  readonly launcher: Launcher;
  readonly delays?: Partial<StatusDelays>;
  /** Number of container instances of each cluster. Default: 1. */
  readonly instances?: number;
  /** Resources of each container instance. */
  readonly resources?: InstanceResources;
  readonly bindAddress?: ActionContext['bindAddress'];
  /** Address of its machines, as EC2 tells it. Default: 127.0.0.1. */
  readonly machineAddress?: string;
  /** Clusters of a new state. */
  readonly clusters?: readonly string[];
  readonly region?: string;
  /** Gives tasks the same ids at each start with the same state. Default: random ids. */
  readonly seed?: number;
  /** Time between SIGTERM and SIGKILL for containers, at a clean end. */
  readonly closeGraceMs?: number;
  readonly clock: Clock;
  /** The time that callers sign with, where it differs from `clock`. */
  readonly callersClock?: Pick<Clock, 'now'>;
  readonly log: Logger;
}

export interface LocalEcs {
  readonly endpoint: string;
  /** The key that calls of the endpoint are signed with. */
  readonly accessKey: AccessKey;
  readonly faults: Faults;
  /** Injects a fault into a running container at once. */
  injectFault(fault: ContainerFault): Promise<void>;
  /** Stops the containers, waits until no process is left, and ends. */
  close(): Promise<void>;
}

// A few milliseconds each. Real ECS takes seconds, and a developer should not wait for the sake of likeness.
const DELAYS: StatusDelays = {
  PROVISIONING: 5,
  PENDING: 5,
  ACTIVATING: 5,
  DEACTIVATING: 5,
  STOPPING: 0,
  DEPROVISIONING: 5,
};
// A machine with 16 processors and 64 GiB: 16 containers of the default definition.
const RESOURCES: InstanceResources = { cpu: 16 * 1024, memory: 64 * 1024 };
const CLOSE_GRACE_MS = 10_000;

/** Starts an ECS-compatible server that runs containers on this machine. Containers of an earlier run are adopted. */
export async function startLocalEcs(options: LocalEcsOptions): Promise<LocalEcs> {
  const ready = Promise.withResolvers<ActionContext>();
  // A start that fails closes the server, and with it the requests that wait for the context.
  ready.promise.catch(() => undefined);
  const server = createEcsServer(ready.promise, options.log);
  // Listening comes first: a second local ECS on this port must neither make files nor touch the containers of the one
  // that has it.
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, host, options.port ?? 0);
  let isClosing = false;
  try {
    const context = await openContext(options, () => isClosing);
    await adoptAll(context);
    ready.resolve(context);
    return {
      endpoint: `http://${host}:${port}`,
      accessKey: context.accessKey,
      faults: context.faults,
      injectFault: (fault) => injectFault(context, fault),
      async close() {
        isClosing = true;
        server.close();
        await endAll(context, options.closeGraceMs ?? CLOSE_GRACE_MS);
        server.closeAllConnections();
        await context.save();
      },
    };
  } catch (error) {
    ready.reject(error);
    server.close();
    server.closeAllConnections();
    throw error;
  }
}

async function openContext(options: LocalEcsOptions, isClosing: () => boolean): Promise<ActionContext> {
  const { clock, log } = options;
  const directory = path.resolve(options.directory);
  const file = await openStateFile(directory, options.clusters ?? ['default']);
  await claimDirectory(directory);
  const faults = createFaults(clock);
  const region = options.region ?? 'local';
  const instances = options.instances ?? 1;
  const connections = new AgentConnections(
    (task) => isClosing() || isAgentReached({ state: file.state, region, instances }, task),
  );
  const lifecycles = new TaskLifecycles(
    directory,
    {
      faults,
      launcher: options.launcher,
      delays: { ...DELAYS, ...options.delays },
      save: file.save,
      onUnsaved: warnOnce(log),
      connections,
      findDefinition: (arn) => file.state.definitions[arn],
      clock,
    },
    log,
  );
  return {
    state: file.state,
    save: file.save,
    lifecycles,
    connections,
    faults,
    accessKey: await openAccessKey(directory),
    region,
    instances,
    resources: options.resources ?? RESOURCES,
    bindAddress: options.bindAddress ?? '127.0.0.1',
    machineAddress: options.machineAddress ?? '127.0.0.1',
    whyRefused: (definition) => whyUnsupported(definition) ?? options.launcher.whyRefused?.(definition) ?? null,
    isClosing,
    clock,
    callersClock: options.callersClock ?? clock,
    newId: options.seed === undefined ? () => randomBytes(16).toString('hex') : seededIds(options.seed, file.state),
  };
}

/** Returns a source of ids that gives the same ones for the same seed, without those that the state has already. */
function seededIds(seed: number, state: LocalState): () => string {
  const taken = new Set(Object.values(state.tasks).map(({ id }) => id));
  let drawn = 0;
  return () => {
    for (;;) {
      const id = createHash('sha256').update(`${seed}:${drawn}`).digest('hex').slice(0, 32);
      drawn += 1;
      if (!taken.has(id)) return id;
    }
  };
}

/**
 * Returns a handler that logs the first failed save only: a full disk fails every one. The last save reports the
 * failure again to the caller of close().
 */
function warnOnce(log: Logger): (error: unknown) => void {
  let hasWarned = false;
  return (error) => {
    if (!hasWarned) log.warn({ err: error }, 'local ECS cannot save its state; it goes on without');
    hasWarned = true;
  };
}

async function adoptAll(context: ActionContext): Promise<void> {
  const unfinished = Object.values(context.state.tasks).filter((task) => task.lastStatus !== 'STOPPED');
  for (const task of unfinished) await context.lifecycles.adopt(task);
}

async function endAll(context: ActionContext, graceMs: number): Promise<void> {
  context.connections.changed();
  for (const task of Object.values(context.state.tasks)) {
    if (task.lastStatus === 'STOPPED') continue;
    // ECS stops containers in this way when their machine is shut down.
    context.lifecycles.stop(task, { ...hostLost(task), graceMs });
  }
  await context.lifecycles.allEnded();
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const options = { hostOption: '--host', portOption: '--port' };
    throw listenFailure({ who: 'Local ECS', host, port, ...options }, cause);
  }
  return (server.address() as AddressInfo).port;
}
