import { join } from 'node:path';
import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { StreamName } from '../../shared/protocol/signals.ts';
import { buildEnvironment } from '../../shared/protocol/overrides.ts';
import type { Log } from '../../shared/support/log.ts';
import { findAccounts, type Accounts } from '../config/accounts.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { readCgroup } from '../monitor/cgroup.ts';
import { metadataEndpoint } from '../monitor/spot-notice.ts';
import { Monitoring } from './monitoring.ts';
import { prepareRoot, prepareState } from './prepare-root.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { SecretPatterns } from '../process/masker.ts';
import { findReaper, type Reaper } from '../process/reaper.ts';
import { Workload } from '../process/workload.ts';
import { requireSshd } from '../ssh/require-sshd.ts';
import { readAddresses, readDeveloperKey, readEntryDelayMs, type Addresses } from '../config/launch-environment.ts';
import type { AgentDeps } from './agent-deps.ts';

// An image without a PATH of its own gets the one that a login on Debian has.
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const DEFAULT_LANGUAGE = 'C.UTF-8';

/** What happens in the parts and concerns the whole agent. */
export interface PartEvents {
  readonly onOutput: (processId: string, stream: StreamName, offset: number, data: Buffer) => void;
  readonly unsentBytes: (processId: string, stream: StreamName) => number;
  readonly onEnd: (process: ManagedProcess) => void;
  readonly stop: (cause: StopCause) => void;
  readonly broke: (error: unknown) => void;
}

/** Everything that can be built before the control plane is asked for anything. */
export interface AgentComponents {
  readonly config: AgentConfig;
  readonly addresses: Addresses;
  readonly entryDelayMs: number;
  readonly developerKey: string | undefined;
  readonly accounts: Accounts;
  readonly secretPatterns: SecretPatterns;
  readonly workload: Workload;
  readonly monitoring: Monitoring;
  readonly outputDirectory: string;
  readonly log: Log;
}

/** Throws CONFIG_INVALID for what the configuration names and the image does not have, and for variables that are wrong. */
export function buildComponents(
  deps: AgentDeps,
  config: AgentConfig,
  secretPatterns: SecretPatterns,
  log: Log,
  events: PartEvents,
): AgentComponents {
  const addresses = readAddresses(deps.environment);
  const entryDelayMs = readEntryDelayMs(deps.environment);
  const developerKey = readDeveloperKey(deps.environment);
  if (config.sshServer === 'openssh') requireSshd(config.file);
  const accounts = findAccounts(config);
  const { outputDirectory } = prepareState(config.stateDirectory);
  const reaper = findReaper({ pid: deps.pid, parentPid: deps.parentPid, root: config.root });
  if (!reaper) log.warn({}, 'a process that leaves its session and empties its environment is not found here');
  const workload = buildWorkload(deps, config, secretPatterns, events, { accounts, outputDirectory, reaper });
  const monitoring = new Monitoring({
    config,
    isFargate: deps.environment['AWS_EXECUTION_ENV'] === 'AWS_ECS_FARGATE',
    metadataEndpoint: metadataEndpoint(deps.environment),
    startedMonotonicMs: deps.startedMonotonicMs,
    clock: deps.clock,
    workload,
    outputBytes: () => outputBytes(workload),
    stop: events.stop,
    broke: events.broke,
  });
  return {
    config,
    addresses,
    entryDelayMs,
    developerKey,
    accounts,
    secretPatterns,
    workload,
    monitoring,
    outputDirectory,
    log,
  };
}

function buildWorkload(
  { environment, clock, newUuid, selfCommand }: AgentDeps,
  config: AgentConfig,
  secretPatterns: SecretPatterns,
  events: PartEvents,
  {
    accounts,
    outputDirectory,
    reaper,
  }: Pick<AgentComponents, 'accounts' | 'outputDirectory'> & { reaper: Reaper | undefined },
): Workload {
  const root = config.root === null ? null : prepareRoot(config.root, selfCommand);
  // The image's PATH is in the agent's own environment: it says where the image has its tools, and is no secret.
  const path = environment['PATH'] || DEFAULT_PATH;
  return new Workload({
    outputDirectory,
    isRoot: accounts.isRoot,
    secretPatterns,
    clock,
    readOomKills: () => (config.reportOom && config.root === null ? readCgroup().oomKills : null),
    onOutput: events.onOutput,
    unsentBytes: events.unsentBytes,
    onEnd: events.onEnd,
    accountOf: (user) => accounts.of(user),
    isBuildRoot: accounts.workload.uid === 0,
    path: root === null ? path : `${root.binDirectory}:${path}`,
    language: environment['LANG'] || DEFAULT_LANGUAGE,
    temporaryDirectory: root?.temporaryDirectory ?? null,
    buildEnvironment: buildEnvironment(environment),
    newMark: newUuid,
    reaper,
  });
}

function outputBytes(workload: Workload): { bytes: number; omitted: number } {
  const streams = workload.statuses().flatMap(({ streams: { stdout, stderr } }) => [stdout, stderr]);
  return {
    bytes: streams.reduce((total, stream) => total + stream.bytes, 0),
    omitted: streams.reduce((total, stream) => total + stream.omitted, 0),
  };
}

export function spoolFile(config: AgentConfig): string {
  return join(config.stateDirectory, 'spool');
}
