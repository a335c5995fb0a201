import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { isLoopbackUrl } from '../../../shared/support/loopback.ts';
import type { Clock } from '../../../shared/support/clock.ts';
import { LATE, withinTime } from '../../../shared/support/within-time.ts';
import { judgeLaunchBlock } from '../../containers/launch-alarm.ts';
import { listLaunchBlocks, type LaunchBlock } from '../../store/operation/launch-blocks.ts';
import { sayLaunchBlock } from '../health/health-service.ts';
import type { DoctorAnswer, DoctorCheck } from './doctor-views.ts';
import {
  countAbandoned,
  measureClockMs,
  probeLocks,
  probeNotify,
  readServerFacts,
} from '../../store/operation/probes.ts';
import { readRestored } from '../../store/operation/restored.ts';
import type { Db } from '../../store/schema.ts';
import { liveNodes } from '../../store/settings/nodes.ts';

export interface DoctorService {
  /** Never throws: a check that fails is part of the answer. */
  examine(): Promise<DoctorAnswer>;
}

export interface DoctorServiceDeps {
  readonly db: Db;
  readonly databaseUrl: string;
  readonly node: string;
  readonly version: string;
  readonly clock: Clock;
  readonly nodeLiveSeconds: number;
  readonly leaseSeconds: number;
  /** The address that agents report to. */
  readonly publicUrl: () => string;
  readonly reasonsNotReady: () => readonly string[];
  /** The cluster that new containers go to. Throws CLUSTER_UNKNOWN. */
  readonly findActiveCluster: () => Promise<{ readonly name: string; readonly isLocal: boolean }>;
  /** Makes a harmless call to the cluster. Throws the error of the call. */
  readonly checkCluster: (name: string) => Promise<{ readonly status: string }>;
  /** Tries what launches into the cluster need, with calls that change nothing. */
  readonly examineCluster: (name: string) => Promise<readonly ExaminedPart[]>;
  readonly createId: () => string;
}

/** One part of a cluster, as `wipctl ecs check` shows it. */
interface ExaminedPart {
  readonly name: string;
  readonly outcome: 'ok' | 'warning' | 'failed' | 'unchecked';
  readonly said: string;
  readonly remedy: string | null;
}

type Finding = Pick<DoctorCheck, 'outcome' | 'said' | 'remedy'>;

// A person waits for the answer, and a part that has not answered by then is broken for a node as well.
const CHECK_TIMEOUT_MS = 10_000;
// Even the clock of a busy laptop is less wrong than the first. The second is half of the five minutes that a signature
// may be old (signals.ts): an agent that took its time from this node is then close to being refused.
const CLOCK_WARNING_MS = 2_000;
const CLOCK_FAILED_MS = 150_000;
// PostgreSQL 14 has every feature in use (SELECT … FOR NO KEY UPDATE SKIP LOCKED and others) and is the oldest version
// that is still maintained.
const OLDEST_POSTGRES = 140_000;

/** Checks everything a node depends on, all at once, each check with a bound. Changes nothing. */
export function createDoctorService(deps: DoctorServiceDeps): DoctorService {
  const checks: readonly [name: string, inspect: () => Promise<Finding>][] = [
    ['database', () => checkDatabase(deps)],
    ['locks', () => checkLocks(deps)],
    ['notifications', () => checkNotifications(deps)],
    ['clock', () => checkClock(deps)],
    ['engine', () => checkEngine(deps)],
    ['nodes', () => checkNodes(deps)],
    ['reaper', () => checkReaper(deps)],
    ['ecs', () => checkEcs(deps)],
    ['permissions', () => checkPermissions(deps)],
    ['launches', () => checkLaunches(deps)],
    ['public url', () => checkPublicUrl(deps)],
  ];
  return {
    examine: async (): Promise<DoctorAnswer> => ({
      node: deps.node,
      version: deps.version,
      checks: await Promise.all(checks.map(([name, inspect]) => bounded(deps.clock, name, inspect))),
    }),
  };
}

async function bounded(clock: Clock, name: string, inspect: () => Promise<Finding>): Promise<DoctorCheck> {
  const startMs = clock.monotonicMs();
  const outcome = await withinTime(inspect().catch(broken), { clock, limitMs: CHECK_TIMEOUT_MS });
  const finding = outcome === LATE ? late() : outcome;
  return { name, ...finding, tookMs: Math.round(clock.monotonicMs() - startMs) };
}

function late(): Finding {
  return failed(
    `There was no answer within ${CHECK_TIMEOUT_MS / 1000} s`,
    'Look at the log of this node and at what it asked',
  );
}

function broken(error: unknown): Finding {
  // The message of an operational error ends with its remedy.
  if (error instanceof OperationalError) return { outcome: 'failed', said: error.message, remedy: null };
  return failed(messageOf(error), 'Correct what the message names, and look at the log of this node');
}

function ok(said: string): Finding {
  return { outcome: 'ok', said: `${said}.`, remedy: null };
}

function warning(said: string, remedy: string): Finding {
  return { outcome: 'warning', said: `${said}.`, remedy: `${remedy}.` };
}

function failed(said: string, remedy: string): Finding {
  return { outcome: 'failed', said: `${said.replace(/\.$/, '')}.`, remedy: `${remedy}.` };
}

async function checkDatabase({ db }: DoctorServiceDeps): Promise<Finding> {
  const { versionNumber, version, isolation, migration } = await readServerFacts(db);
  if (versionNumber < OLDEST_POSTGRES) {
    return failed(`The database is PostgreSQL ${version}, and Wip needs 14 or newer`, 'Upgrade the server');
  }
  if (isolation !== 'read committed') {
    return failed(
      `The database gives transactions the isolation "${isolation}", and claims need "read committed"`,
      'Set default_transaction_isolation to "read committed" for this database or its user',
    );
  }
  return ok(`PostgreSQL ${version} answers; its schema is at migration ${migration}`);
}

async function checkLocks({ db }: DoctorServiceDeps): Promise<Finding> {
  const remedy = 'Connect to the server itself, or through a pooler in session mode';
  switch (await probeLocks(db)) {
    case 'hold':
      return ok('Locks that one connection holds keep another out');
    case 'advisory-broken':
      return failed('Two connections hold the same advisory lock', remedy);
    case 'rows-broken':
      return failed('Two connections hold the lock of the same row', remedy);
  }
}

async function checkNotifications({ db, databaseUrl, clock, createId }: DoctorServiceDeps): Promise<Finding> {
  const channel = `wip_doctor_${createId()}`;
  const tookMs = await probeNotify(db, { url: databaseUrl, channel, clock, timeoutMs: CHECK_TIMEOUT_MS / 2 });
  if (tookMs !== null) return ok(`A notification came back after ${Math.ceil(tookMs)} ms`);
  // Nodes look for tasks once a second without any notification (engine.ts), so nothing stops; tasks only start later.
  return warning(
    'Notifications do not arrive, so tasks wake up to a second late',
    'Connect to the server itself: poolers in transaction mode drop LISTEN',
  );
}

async function checkClock({ db, clock }: DoctorServiceDeps): Promise<Finding> {
  const { aheadMs, roundTripMs } = await measureClockMs(db, clock);
  // Half of the round trip is subtracted, so that a slow answer does not look like a wrong clock.
  const offMs = Math.max(0, Math.abs(aheadMs) - roundTripMs / 2);
  const way = aheadMs > 0 ? 'behind' : 'ahead of';
  const said = `The clock of this node is ${(offMs / 1000).toFixed(1)} s ${way} that of the database`;
  const remedy = 'Let both machines take their time from NTP';
  if (offMs >= CLOCK_FAILED_MS) return failed(said, remedy);
  if (offMs >= CLOCK_WARNING_MS) return warning(said, remedy);
  return ok(`The clocks of node and database agree; a round trip takes ${Math.ceil(roundTripMs)} ms`);
}

async function checkEngine({ db, reasonsNotReady, leaseSeconds }: DoctorServiceDeps): Promise<Finding> {
  const reasons = reasonsNotReady();
  if (reasons.length > 0) return failed(`This node takes no tasks because ${reasons.join(' and ')}`, 'Look at its log');
  // Another node takes a task over within a lease and a second, so twice the lease is too long.
  const abandoned = await countAbandoned(db, leaseSeconds);
  if (abandoned === 0) return ok('This node takes tasks, and none has been left without a node');
  return warning(
    `${abandoned} task(s) have had no node for more than ${leaseSeconds} s and were not taken over`,
    'Look whether a hard pause holds them ("wipctl groups"), or whether no node has their class',
  );
}

async function checkNodes({ db, nodeLiveSeconds, version }: DoctorServiceDeps): Promise<Finding> {
  const nodes = await liveNodes(db, nodeLiveSeconds);
  const others = nodes.filter((node) => node.version !== version);
  const all = nodes.map((node) => `${node.name} (${node.version})`).join(', ');
  if (nodes.length === 0) {
    return warning('No node has reported to the database lately', 'Wait ten seconds and look again');
  }
  if (others.length === 0) return ok(`${nodes.length} node(s) run: ${all}`);
  return warning(`Nodes of different versions run: ${all}`, 'Finish the upgrade');
}

async function checkReaper({ db }: DoctorServiceDeps): Promise<Finding> {
  const restored = await readRestored(db);
  if (!restored) return ok('Containers that no task owns are stopped');
  return warning(
    `The database was restored from a dump of ${restored.dumpedAt}, so containers that no task owns are only reported`,
    'Look into the log for them, then say "wipctl ecs confirm-restore"',
  );
}

async function checkEcs({ findActiveCluster, checkCluster }: DoctorServiceDeps): Promise<Finding> {
  const { name, isLocal } = await findActiveCluster();
  const { status } = await checkCluster(name);
  return ok(`The active cluster "${name}" is ${status}${isLocal ? ' on local ECS' : ''}`);
}

/** RunTask and the other calls of a launch, proven by calls that change nothing: DescribeClusters alone proves little. */
async function checkPermissions({ findActiveCluster, examineCluster }: DoctorServiceDeps): Promise<Finding> {
  const { name } = await findActiveCluster();
  const parts = await examineCluster(name);
  const failed = parts.filter(({ outcome }) => outcome === 'failed');
  const [first] = failed;
  if (first) {
    const said = failed.map((part) => `${part.name}: ${part.said.replace(/\.$/, '')}`).join('; ');
    return { outcome: 'failed', said: `${said}.`, remedy: first.remedy ?? EXAMINE_EACH };
  }
  const unproven = parts.filter(({ outcome }) => outcome === 'unchecked').map((part) => part.name);
  const rest = unproven.length === 0 ? '' : `; no harmless call can prove ${unproven.join(', ')}`;
  return ok(`The calls of a launch are allowed on the cluster "${name}"${rest}`);
}

const EXAMINE_EACH = 'Say "wipctl ecs check" for each of them.';

async function checkLaunches({ db }: DoctorServiceDeps): Promise<Finding> {
  const blocks = await listLaunchBlocks(db);
  const [worst] = blocks.toSorted((a, b) => Number(isAlarm(b)) - Number(isAlarm(a)));
  if (!worst) return ok('No task waits to be launched for more than its turn');
  const said = blocks.map((block) => sayLaunchBlock({ ...block, remedy: null })).join(' ');
  return { outcome: isAlarm(worst) ? 'failed' : 'warning', said, remedy: worst.remedy && `${worst.remedy}.` };
}

function isAlarm(block: LaunchBlock): boolean {
  return judgeLaunchBlock(block) === 'alarm';
}

async function checkPublicUrl({ publicUrl, findActiveCluster }: DoctorServiceDeps): Promise<Finding> {
  const url = publicUrl();
  const cluster = await findActiveCluster().catch(() => null); // The check of ECS reports the error.
  if (isLoopbackUrl(url) && cluster && !cluster.isLocal) {
    return failed(
      `Agents on the cluster "${cluster.name}" are told to report to ${url}, which is their own machine`,
      'Set public_url to the address under which containers reach this service',
    );
  }
  const answer = await fetch(`${url.replace(/\/+$/, '')}/healthz`, {
    signal: AbortSignal.timeout(CHECK_TIMEOUT_MS / 2),
    redirect: 'error',
  }).catch((error: unknown) => (error instanceof Error && error.cause instanceof Error ? error.cause : error));
  if (answer instanceof Response && answer.ok) {
    return ok(`This node reaches ${url}, where agents report; whether containers do, only a container can say`);
  }
  const reason = answer instanceof Response ? `it answers ${answer.status}` : messageOf(answer);
  return failed(
    `This node does not reach ${url}, where agents report: ${reason}`,
    'Correct public_url, or the load balancer and the names behind it',
  );
}
