import type { ClusterAccess, ClusterSet } from '../../../controlplane/engine/engine-deps.ts';
import type { ContainerAddress, EcsSnapshot, EcsStatus } from '../../../controlplane/containers/container.ts';
import type { RunTaskRequest } from '../../../controlplane/containers/launch-ledger.ts';
import { parseStartedBy } from '../../../controlplane/containers/started-by.ts';
import { EcsCallError } from '../../../controlplane/ecs/client/ecs-error.ts';
import type { EcsTaskApi, RunTaskAnswer } from '../../../controlplane/ecs/client/ecs-task-api.ts';
import type { ParsedContainer } from '../script.ts';
import { outageAt } from './outages.ts';
import type { ContainerLaunch, ScriptedContainer } from './scripted-container.ts';
import type { VirtualClock } from './virtual-clock.ts';

const CLUSTER = 'simulated';
const SSH_PORT = 22;

export interface EcsDeps {
  readonly clock: VirtualClock;
  readonly installationId: string;
  readonly scriptOf: (attempt: number) => ParsedContainer;
  readonly start: (launch: ContainerLaunch, script: ParsedContainer) => ScriptedContainer;
}

/** A snapshot, and what it was made of. */
interface Shown {
  readonly nowMs: number;
  readonly stoppingMs: number | null;
  readonly goneMs: number | null;
  readonly snapshot: EcsSnapshot;
}

/** One ECS cluster by value: what RunTask starts lives by its script, and is shown as late as the script says. */
export class ScriptedEcs implements EcsTaskApi {
  readonly clusterName = CLUSTER;
  /** In the order of their launches. */
  readonly containers: ScriptedContainer[] = [];
  readonly #deps: EcsDeps;
  readonly #byToken = new Map<string, ScriptedContainer>();
  readonly #tries = new Map<string, number>();
  readonly #lastShown = new Map<ScriptedContainer, Shown>();

  constructor(deps: EcsDeps) {
    this.#deps = deps;
  }

  /** The one cluster of the installation. */
  clusters(): ClusterSet {
    const access: ClusterAccess = {
      ecs: this,
      name: CLUSTER,
      location: { region: 'simulated', cluster: CLUSTER, endpoint: null, accessKeyId: null, roleArn: null },
      cluster: CLUSTER,
      placement: {},
      pinDefinition: () => Promise.resolve({ arn: 'arn:simulated:task-definition/build:1', containerName: 'build' }),
      forgetDefinition: () => Promise.resolve(),
      listRunning: () => Promise.resolve([]),
      readLogTail: () => Promise.resolve(null),
      countInstances: () => Promise.resolve(1),
    };
    const open = (): Promise<ClusterAccess> => Promise.resolve(access);
    const candidate = { name: CLUSTER, reason: 'it is the active cluster', open };
    return {
      openActive: open,
      listCandidates: () => Promise.resolve([candidate]),
      openOf: open,
      list: () => Promise.resolve([candidate]),
    };
  }

  runTask(request: RunTaskRequest): Promise<RunTaskAnswer> {
    const started = this.#byToken.get(request.clientToken);
    if (started) return Promise.resolve({ kind: 'started', arn: started.launch.arn });
    const number = parseStartedBy(request.startedBy, this.#deps.installationId)?.number ?? 0;
    const script = this.#deps.scriptOf(number);
    const tries = this.#tries.get(request.clientToken) ?? 0;
    this.#tries.set(request.clientToken, tries + 1);
    const failure = tries < script.launchTries ? failureOf(script.launch) : null;
    if (failure && script.launch !== 'answer-lost') return Promise.resolve(failure);
    const container = this.#start(request, number, script);
    return Promise.resolve(failure ?? { kind: 'started', arn: container.launch.arn });
  }

  #start(request: RunTaskRequest, number: number, script: ParsedContainer): ScriptedContainer {
    const pairs = request.overrides.containerOverrides[0]?.environment ?? [];
    const environment = Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
    const [attemptUuid = ''] = (environment['WIP_ENROL'] ?? '').split('.');
    const arn = `arn:simulated:task/${CLUSTER}/${number}`;
    const container = this.#deps.start({ arn, attemptUuid, number, environment }, script);
    this.#byToken.set(request.clientToken, container);
    this.containers.push(container);
    return container;
  }

  describe(arn: string): Promise<EcsSnapshot> {
    const container = this.#find(arn);
    const isoNow = (): string => this.#deps.clock.now().toISOString();
    if (!container) return Promise.resolve({ kind: 'missing', at: isoNow() });
    const outage = outageAt(container.script.ecsOutages, container.age);
    if (outage)
      return Promise.resolve({
        kind: 'unknown',
        at: isoNow(),
        error: outage.error,
        sentence: 'ECS does not answer',
      });
    if (container.age < container.script.missingFor) return Promise.resolve({ kind: 'missing', at: isoNow() });
    return Promise.resolve(this.#shown(container));
  }

  /** What is shown changes with time and with the container's end only. Steps of a chain ask at the same time. */
  #shown(container: ScriptedContainer): EcsSnapshot {
    const { stoppingMs, goneMs } = container;
    const { nowMs } = this.#deps.clock;
    const known = this.#lastShown.get(container);
    if (known?.nowMs === nowMs && known.stoppingMs === stoppingMs && known.goneMs === goneMs) return known.snapshot;
    const snapshot = this.#snapshot(container, this.#deps.clock.now().toISOString());
    this.#lastShown.set(container, { nowMs, stoppingMs, goneMs, snapshot });
    return snapshot;
  }

  #snapshot(container: ScriptedContainer, at: string): EcsSnapshot {
    const { launch, launchedMs, runningMs, script, stoppingMs } = container;
    const shownMs = this.#deps.clock.nowMs - script.ecsLag * 1000;
    const lastStatus = this.#status(container, shownMs);
    const stoppedMs = lastStatus === 'STOPPED' ? this.#stoppedMs(container) : null;
    const end = lastStatus === 'STOPPED' ? container.ecsEnd : null;
    // ECS shows who has ordered a stop before the agent gets its SIGTERM.
    const isStopping = stoppingMs !== null && stoppingMs <= shownMs;
    const ordered = isStopping && container.ecsEnd?.stopCode !== 'EssentialContainerExited' ? container.ecsEnd : end;
    const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
    return {
      kind: 'seen',
      at,
      arn: launch.arn,
      lastStatus,
      desiredStatus: isStopping ? 'STOPPED' : 'RUNNING',
      stopCode: ordered?.stopCode ?? null,
      stoppedReason: ordered?.stoppedReason ?? null,
      containerReason: end?.containerReason ?? null,
      exitCode: end?.exitCode ?? null,
      address: shownMs >= runningMs ? addressOf(container) : null,
      containerInstanceArn: null,
      createdAt: iso(launchedMs),
      startedAt: shownMs >= runningMs && !(stoppingMs !== null && stoppingMs < runningMs) ? iso(runningMs) : null,
      stoppedAt: iso(stoppedMs),
    };
  }

  #stoppedMs({ goneMs, script }: ScriptedContainer): number | null {
    return goneMs === null ? null : goneMs + script.stopsWithin * 1000;
  }

  #status(container: ScriptedContainer, shownMs: number): EcsStatus {
    const { launchedMs, runningMs, stoppingMs, goneMs } = container;
    const stoppedMs = this.#stoppedMs(container);
    if (stoppedMs !== null && stoppedMs <= shownMs) return 'STOPPED';
    if (goneMs !== null && goneMs <= shownMs) return 'DEPROVISIONING';
    if (stoppingMs !== null && stoppingMs <= shownMs) return 'STOPPING';
    if (runningMs <= shownMs) return 'RUNNING';
    return shownMs < launchedMs + (runningMs - launchedMs) / 2 ? 'PROVISIONING' : 'PENDING';
  }

  findStartedBy(startedBy: string): Promise<string | null> {
    const number = parseStartedBy(startedBy, this.#deps.installationId)?.number;
    const container = this.containers.find(({ launch }) => launch.number === number);
    if (container) this.#refuseInOutage('ListTasks', container);
    return Promise.resolve(container?.launch.arn ?? null);
  }

  stopTask(arn: string, reason: string): Promise<void> {
    const container = this.#find(arn);
    if (container) {
      this.#refuseInOutage('StopTask', container);
      container.stopTask(reason);
    }
    return Promise.resolve();
  }

  #refuseInOutage(action: string, { script, age }: ScriptedContainer): void {
    const outage = outageAt(script.ecsOutages, age);
    if (outage) throw new EcsCallError(action, outage.error, new Error('ECS does not answer'));
  }

  #find(arn: string): ScriptedContainer | undefined {
    return this.containers.find(({ launch }) => launch.arn === arn);
  }
}

function addressOf({ launch }: ScriptedContainer): ContainerAddress {
  return { host: `container-${launch.number}`, port: SSH_PORT };
}

/** Returns what RunTask answers instead of a container; null: it starts one. */
function failureOf(launch: ParsedContainer['launch']): RunTaskAnswer | null {
  switch (launch) {
    case 'started':
      return null;
    case 'no-resources':
      return { kind: 'failed', failures: [{ reason: 'RESOURCE:MEMORY', detail: '' }] };
    case 'refused':
      return {
        kind: 'error',
        error: 'invalid',
        name: 'InvalidParameterException',
        sentence: 'The request is invalid.',
      };
    case 'definition-missing':
      return { kind: 'error', error: 'invalid', name: 'ClientException', sentence: 'TaskDefinition is inactive' };
    case 'denied':
      return {
        kind: 'error',
        error: 'access-denied',
        name: 'AccessDeniedException',
        sentence: 'User: simulated is not authorized to perform: ecs:RunTask',
      };
    case 'throttled':
      return { kind: 'error', error: 'throttled', name: 'ThrottlingException', sentence: 'Rate exceeded' };
    case 'unavailable':
    case 'answer-lost':
      return { kind: 'error', error: 'unavailable', name: 'TimeoutError', sentence: 'The call timed out.' };
  }
}
