import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ECSClient } from '@aws-sdk/client-ecs';
import { createLogger } from '../../../shared/system/logger.ts';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import { startedByOf } from '../../../controlplane/containers/started-by.ts';
import type { LaunchIdentity } from '../../../controlplane/containers/launch-ledger.ts';
import type { EcsCluster } from '../../../controlplane/ecs/config/cluster.ts';
import type { EcsCallsOptions } from '../../../controlplane/ecs/client/ecs-calls.ts';
import { openEcsClient, type EcsClient } from '../../../controlplane/ecs/client/ecs-client.ts';
import { launchOnce, type LaunchDeps, type LaunchTarget } from '../../../controlplane/ecs/launch/launch-once.ts';
import { ECS_QUOTAS } from '../../../controlplane/ecs/client/quotas.ts';
import { createBuckets } from '../../../controlplane/ecs/client/shared-quotas.ts';
import {
  AttemptContainer,
  findAddress,
  type AttemptActions,
} from '../../../controlplane/engine/container/attempt-container.ts';
import { createProcessLauncher } from '../../../controlplane/localecs/process/process-launcher.ts';
import { startLocalEcs, type LocalEcs, type LocalEcsOptions } from '../../../controlplane/localecs/start-local-ecs.ts';
import { MemoryLedger } from '../memory/memory-ledger.ts';

export const silentLog = createLogger('test', 'silent');
const TEST_PATH = process.env['PATH'] ?? '/usr/bin:/bin';

/** A command in place of an agent: it writes its port file, then lives until SIGTERM and ends with 143. */
export const PATIENT_CONTAINER = [
  '/bin/sh',
  '-c',
  `echo '{"22": 40022}' >"$WIP_AGENT_PORT_FILE.tmp"; mv "$WIP_AGENT_PORT_FILE.tmp" "$WIP_AGENT_PORT_FILE"
   trap 'exit 143' TERM; while :; do sleep 0.05; done`,
] as const;

export function shellContainer(script: string): readonly string[] {
  return ['/bin/sh', '-c', script];
}

export interface TestEcs {
  readonly ecs: LocalEcs;
  readonly client: EcsClient;
  readonly directory: string;
  /** ARN of a registered small task definition. */
  readonly definitionArn: string;
  container(ledger: MemoryLedger, deps?: Partial<LaunchDeps & LaunchTarget>): AttemptContainer;
  close(): Promise<void>;
}

/** Starts local ECS in a directory of its own, with a client of it and a small task definition. */
export async function startTestEcs(
  command: readonly string[] = PATIENT_CONTAINER,
  options: Partial<LocalEcsOptions> = {},
  /** Makes this another region of the same account: an access key opens both. */
  ofAccount?: TestEcs,
): Promise<TestEcs> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'wip-ecs-'));
  if (ofAccount) await shareAccessKey(ofAccount.directory, directory);
  const ecs = await startLocalEcs({
    directory,
    launcher: testLauncher(command),
    closeGraceMs: 200,
    clock: systemClock,
    callersClock: systemClock,
    log: silentLog,
    ...options,
  });
  const client = openTestClient(ecs);
  const { arn } = await client.registerTaskDefinition({
    family: 'WIP_test',
    containerDefinitions: [{ name: 'build', image: 'none', memory: 1024, stopTimeout: 2 }],
  });
  return {
    ecs,
    client,
    directory,
    definitionArn: arn,
    container: (ledger, deps) => testContainer({ client, definitionArn: arn }, ledger, deps),
    async close() {
      client.close();
      await ecs.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function shareAccessKey(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await copyFile(path.join(from, 'access-key.json'), path.join(to, 'access-key.json'));
}

export function testLauncher(command: readonly string[]) {
  return createProcessLauncher({ command, configIni: '', searchPath: TEST_PATH, clock: systemClock });
}

export type EcsAccess = Pick<LocalEcs, 'endpoint' | 'accessKey'>;

/** Opens the plain SDK, without this project's client. */
export function openSdk({ endpoint, accessKey }: EcsAccess): ECSClient {
  const credentials = { ...accessKey, secretAccessKey: accessKey.secretAccessKey.reveal() };
  return new ECSClient({ region: 'local', endpoint, credentials, maxAttempts: 1 });
}

export function openTestClient(
  { endpoint, accessKey }: EcsAccess,
  clock: Clock = systemClock,
  cluster: Partial<EcsCluster> = {},
  onCall: EcsCallsOptions['onCall'] = undefined,
): EcsClient {
  const buckets = createBuckets(ECS_QUOTAS, { liveNodes: () => 1, clock });
  return openEcsClient({
    cluster: {
      name: 'test',
      region: 'local',
      cluster: 'default',
      accessKeyId: accessKey.accessKeyId,
      secretAccessKey: accessKey.secretAccessKey.reveal(),
      endpoint,
      launch: { type: 'ec2' },
      ...cluster,
    },
    quotas: () => buckets,
    clock,
    random: () => 0.5,
    log: silentLog,
    onCall,
  });
}

/** Returns the actions of an engine's container on local ECS, without a database. */
function actionsOn(client: EcsClient): Omit<AttemptActions, 'launch'> {
  return {
    findArn: () => Promise.resolve(null),
    giveUp: () => Promise.resolve(),
    describe: (arn) => client.describe(arn),
    observe: (arn) => client.describe(arn),
    address: (arn) => findAddress(client, arn),
    stop: (arn, reason) => client.stopTask(arn, `wip: ${reason}`),
    now: () => systemClock.now(),
  };
}

/** Returns a container attempt that is not launched yet. */
export function testContainer(
  { client, definitionArn }: { client: EcsClient; definitionArn: string },
  ledger: MemoryLedger,
  deps: Partial<LaunchDeps & LaunchTarget> = {},
): AttemptContainer {
  const target: LaunchTarget = {
    ecs: client,
    pinDefinition: () => Promise.resolve({ arn: definitionArn, containerName: 'build' }),
    forgetDefinition: () => Promise.resolve(),
    cluster: 'default',
    placement: { launchType: 'EC2' },
    ...deps,
  };
  const launchDeps = { ledger: ledger.into(target), clock: systemClock, log: silentLog, ...deps };
  return new AttemptContainer(
    { ...actionsOn(client), launch: (overrides) => launchOnce(launchDeps, overrides) },
    { kind: 'intended', launch: 'new' },
  );
}

/** Returns a container that was launched before. */
export function launchedContainer(client: EcsClient, arn: string): AttemptContainer {
  return new AttemptContainer({ ...actionsOn(client), launch: null }, { kind: 'launched', arn, isOver: false });
}

export function testIdentity(taskId = 7, attemptNumber = 1): LaunchIdentity {
  const attemptUuid = randomUUID();
  return {
    taskId,
    attemptNumber,
    attemptUuid,
    signalUrl: `http://127.0.0.1:1/v1/signal/${'c'.repeat(86)}`,
    signalBody: { pid: 0 },
    signalUser: `${attemptUuid}:${'b'.repeat(43)}`,
    sshPublicKey: 'ssh-ed25519 AAAA',
    enrolUrl: 'http://127.0.0.1:1/v1/enrol',
    enrolToken: `${attemptUuid}.${'s'.repeat(43)}`,
    startedBy: startedByOf('test', { taskId, number: attemptNumber }),
    traceparent: null,
  };
}
