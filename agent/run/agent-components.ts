import { spoolFileIn } from '../../shared/system/agent-files.ts';
import { buildEnvironment } from '../../shared/protocol/overrides.ts';
import type { Log } from '../../shared/system/log.ts';
import { findAccounts, type Accounts } from '../config/accounts.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { checkPaths } from '../config/check-paths.ts';
import { readCgroup } from '../monitor/cgroup.ts';
import { metadataEndpoint } from '../monitor/spot-notice.ts';
import { Monitoring } from './monitoring.ts';
import { prepareRoot, prepareState } from './prepare-root.ts';
import type { SecretPatterns } from '../process/secrets/masker.ts';
import { BuildToolStandby } from '../process/build-tool-standby.ts';
import { processEnvironment, type ContainerEnvironment } from '../process/process-environment.ts';
import { findReaper, type Reaper } from '../process/trees/reaper.ts';
import { Workload, type WorkloadDeps } from '../process/workload.ts';
import { requireSshd } from '../ssh/require-sshd.ts';
import {
  expectsBuildTool,
  readAddresses,
  readDeveloperKey,
  readEntryDelayMs,
  type Addresses,
} from '../config/launch-environment.ts';
import type { AgentDeps } from './agent-deps.ts';
import type { AgentEvents } from './agent-events.ts';
import { outputTotals } from './usage.ts';

// An image without a PATH of its own gets the one that a login on Debian has.
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const DEFAULT_LANGUAGE = 'C.UTF-8';

type ComponentDeps = Pick<
  AgentDeps,
  'environment' | 'pid' | 'parentPid' | 'selfCommand' | 'startedMonotonicMs' | 'clock' | 'newUuid'
>;

/** Input of all components, made before any of them. */
export interface ComponentInput {
  readonly config: AgentConfig;
  readonly secretPatterns: SecretPatterns;
  readonly events: AgentEvents;
  readonly log: Log;
  /** Returns the bytes of a stream that were read and will never reach the control plane. */
  readonly unsentBytes: WorkloadDeps['unsentBytes'];
}

/** Everything that can be built before the control plane is asked for anything. */
export interface AgentComponents {
  readonly config: AgentConfig;
  readonly events: AgentEvents;
  readonly addresses: Addresses;
  readonly entryDelayMs: number;
  readonly developerKey: string | undefined;
  readonly accounts: Accounts;
  readonly secretPatterns: SecretPatterns;
  readonly standby: BuildToolStandby | undefined;
  readonly workload: Workload;
  readonly monitoring: Monitoring;
  readonly outputDirectory: string;
  readonly log: Log;
}

/**
 * Throws CONFIG_INVALID for what the configuration names and the image does not have, and for variables that are wrong.
 */
export function buildComponents(deps: ComponentDeps, input: ComponentInput): AgentComponents {
  const { config, secretPatterns, events, log } = input;
  const addresses = readAddresses(deps.environment);
  const entryDelayMs = readEntryDelayMs(deps.environment);
  const developerKey = readDeveloperKey(deps.environment);
  if (config.sshServer === 'openssh') requireSshd(config.file);
  const accounts = findAccounts(config);
  const { outputDirectory } = prepareState(config.stateDirectory);
  const reaper = findReaper({ pid: deps.pid, parentPid: deps.parentPid, root: config.root });
  if (!reaper) log.warn({}, 'a process that leaves its session and empties its environment is not found here');
  const made = { accounts, outputDirectory, reaper, environment: containerEnvironment(deps, config, accounts) };
  // Only now are the directories of the container there, below a root of its own.
  checkPaths(config);
  const standby = createStandby(deps, config, made);
  const workload = buildWorkload(deps, input, { ...made, standby });
  const monitoring = new Monitoring({
    config,
    isFargate: deps.environment['AWS_EXECUTION_ENV'] === 'AWS_ECS_FARGATE',
    metadataEndpoint: metadataEndpoint(deps.environment),
    startedMonotonicMs: deps.startedMonotonicMs,
    clock: deps.clock,
    workload,
    outputBytes: () => outputTotals(workload.statuses()),
    events,
  });
  return {
    config,
    events,
    addresses,
    entryDelayMs,
    developerKey,
    accounts,
    secretPatterns,
    standby,
    workload,
    monitoring,
    outputDirectory,
    log,
  };
}

interface WorkloadParts {
  readonly accounts: Accounts;
  readonly outputDirectory: string;
  readonly reaper: Reaper | undefined;
  readonly environment: ContainerEnvironment;
}

function buildWorkload(
  { clock, newUuid }: ComponentDeps,
  { config, secretPatterns, events, unsentBytes }: ComponentInput,
  { accounts, outputDirectory, reaper, environment, standby }: WorkloadParts & Pick<AgentComponents, 'standby'>,
): Workload {
  return new Workload({
    ...environment,
    outputDirectory,
    isRoot: accounts.isRoot,
    secretPatterns,
    clock,
    readOomKills: () => (config.reportOom && config.root === null ? readCgroup().oomKills : null),
    onOutput: (...output) => events.emit('outputRead', ...output),
    unsentBytes,
    onStarted: () => events.emit('workloadStarted'),
    onEnd: (process) => events.emit('processEnded', process),
    accountOf: (user) => accounts.of(user),
    newMark: newUuid,
    reaper,
    standby,
  });
}

function containerEnvironment(
  { environment, selfCommand }: ComponentDeps,
  config: AgentConfig,
  accounts: Accounts,
): ContainerEnvironment {
  const root = config.root === null ? null : prepareRoot(config.root, selfCommand);
  // The image's PATH is in the agent's own environment: it says where the image has its tools, and is no secret.
  const path = environment['PATH'] || DEFAULT_PATH;
  return {
    isBuildRoot: accounts.workload.uid === 0,
    path: root === null ? path : `${root.binDirectory}:${path}`,
    language: environment['LANG'] || DEFAULT_LANGUAGE,
    temporaryDirectory: root?.temporaryDirectory ?? null,
    buildEnvironment: buildEnvironment(environment),
  };
}

/** With the image's own sshd nobody reaches the agent API, and its commands start the build tool themselves. */
function createStandby(
  { environment, selfCommand, newUuid }: ComponentDeps,
  { sshServer }: AgentConfig,
  { accounts, outputDirectory, environment: ofContainer }: WorkloadParts,
): BuildToolStandby | undefined {
  if (!expectsBuildTool(environment) || sshServer !== 'embedded') return undefined;
  const account = accounts.workload;
  const unset = { ...ofContainer, buildEnvironment: {} };
  return new BuildToolStandby({
    selfCommand,
    account,
    isRoot: accounts.isRoot,
    outputDirectory,
    environmentOf: (mark) => processEnvironment(unset, { account, mark, secure: {}, given: [] }),
    newMark: newUuid,
  });
}

export function spoolFile(config: AgentConfig): string {
  return spoolFileIn(config.stateDirectory);
}
