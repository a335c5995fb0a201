import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { LATE, withinTime } from '../../../shared/time/within-time.ts';
import { judgeLaunchBlock } from '../../containers/launch-alarm.ts';
import { listLaunchBlocks, type LaunchBlock } from '../../store/operation/launch-blocks.ts';
import { sayLaunchBlock } from '../health/health-service.ts';
import { checkEcs, checkPermissions, checkPublicAddress, type ClusterChecksDeps } from './cluster-checks.ts';
import { CHECK_TIMEOUT_MS, failed, ok, warning, type DoctorFinding } from './doctor-finding.ts';
import type { DoctorAnswer, DoctorCheck } from './doctor-views.ts';
import { MISSING_CLASS_REMEDY } from '../tasks/why/missing-class.ts';
import { countAbandoned, type Abandoned } from '../../store/operation/abandoned.ts';
import { measureClockMs, probeLocks, probeNotify, readServerFacts } from '../../store/operation/probes.ts';
import { listUnstopped } from '../../store/attempts/find-attempt.ts';
import { readRestored } from '../../store/operation/restored.ts';
import { databaseTrouble } from '../../store/database-trouble.ts';
import { wordsOfDatabaseError, type TroubleWords } from '../../store/trouble-words.ts';
import type { Db } from '../../store/schema.ts';
import { liveNodes } from '../../store/settings/nodes.ts';

export interface DoctorService {
  /** Never throws: a check that fails is part of the answer. */
  examine(): Promise<DoctorAnswer>;
}

export interface DoctorServiceDeps extends ClusterChecksDeps {
  readonly db: Db;
  readonly databaseUrl: string;
  readonly node: string;
  readonly version: string;
  readonly clock: Clock;
  readonly nodeLiveSeconds: number;
  readonly leaseSeconds: number;
  readonly whyEngineNotReady: () => TroubleWords | null;
  /** Returns whether another process uses the name of this node. */
  readonly hasNamesake: () => boolean;
  readonly createId: () => string;
}

// Warns above the first and fails above the second. Even the clock of a busy laptop stays below the first. The second is half of
// the maximum age of a signature, five minutes (signals.ts): an agent that took its time from this node is then close to being
// refused.
const CLOCK_WARNING_MS = 2_000;
const CLOCK_FAILED_MS = 150_000;
// PostgreSQL 14 has every feature in use (SELECT … FOR NO KEY UPDATE SKIP LOCKED and others) and is the oldest version
// that is still maintained.
const OLDEST_POSTGRES = 140_000;

/** Checks everything a node depends on, all at once, each check with a bound. Changes nothing. */
export function createDoctorService(deps: DoctorServiceDeps): DoctorService {
  const checks: readonly [name: string, inspect: () => Promise<DoctorFinding>][] = [
    ['database', () => checkDatabase(deps)],
    ['locks', () => checkLocks(deps)],
    ['notifications', () => checkNotifications(deps)],
    ['clock', () => checkClock(deps)],
    ['engine', () => checkEngine(deps)],
    ['nodes', () => checkNodes(deps)],
    ['reaper', () => checkReaper(deps)],
    ['stops', () => checkStops(deps)],
    ['ecs', () => checkEcs(deps)],
    ['permissions', () => checkPermissions(deps)],
    ['launches', () => checkLaunches(deps)],
    ['public url', () => checkPublicAddress(deps)],
  ];
  return {
    examine: async (): Promise<DoctorAnswer> => ({
      node: deps.node,
      version: deps.version,
      checks: await Promise.all(checks.map(([name, inspect]) => bounded(deps.clock, name, inspect))),
    }),
  };
}

async function bounded(clock: Clock, name: string, inspect: () => Promise<DoctorFinding>): Promise<DoctorCheck> {
  const startMs = clock.monotonicMs();
  const outcome = await withinTime(inspect().catch(broken), { clock, limitMs: CHECK_TIMEOUT_MS });
  const finding = outcome === LATE ? late() : outcome;
  return { name, ...finding, tookMs: Math.round(clock.monotonicMs() - startMs) };
}

function late(): DoctorFinding {
  return failed(
    `There was no answer within ${CHECK_TIMEOUT_MS / 1000} s`,
    'Look at the log of this node and at what it asked',
  );
}

function broken(error: unknown): DoctorFinding {
  // The message of an operational error ends with its remedy.
  if (error instanceof OperationalError) return { outcome: 'failed', message: error.message, remedy: null };
  // A check knows no more of a failing database than its message.
  if (databaseTrouble(error) !== null) {
    const { reason, remedy } = wordsOfDatabaseError(error);
    return failed(`The database failed this check, because ${reason}: ${messageOf(error)}`, remedy);
  }
  return failed(messageOf(error), 'Correct what the message names, and look at the log of this node');
}

async function checkDatabase({ db }: DoctorServiceDeps): Promise<DoctorFinding> {
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

async function checkLocks({ db }: DoctorServiceDeps): Promise<DoctorFinding> {
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

async function checkNotifications({ db, databaseUrl, clock, createId }: DoctorServiceDeps): Promise<DoctorFinding> {
  const channel = `wip_doctor_${createId()}`;
  const tookMs = await probeNotify(db, { url: databaseUrl, channel, clock, timeoutMs: CHECK_TIMEOUT_MS / 2 });
  if (tookMs !== null) return ok(`A notification came back after ${Math.ceil(tookMs)} ms`);
  // Nodes look for tasks once a second without any notification (engine.ts), so nothing stops; tasks only start later.
  return warning(
    'Notifications do not arrive, so tasks wake up to a second late',
    'Connect to the server itself: poolers in transaction mode drop LISTEN',
  );
}

async function checkClock({ db, clock }: DoctorServiceDeps): Promise<DoctorFinding> {
  const { aheadMs, roundTripMs } = await measureClockMs(db, clock);
  // Half of the round trip is subtracted, so that a slow answer does not look like a wrong clock.
  const offMs = Math.max(0, Math.abs(aheadMs) - roundTripMs / 2);
  const way = aheadMs > 0 ? 'behind' : 'ahead of';
  const message = `The clock of this node is ${(offMs / 1000).toFixed(1)} s ${way} that of the database`;
  const remedy = 'Let both machines take their time from NTP';
  if (offMs >= CLOCK_FAILED_MS) return failed(message, remedy);
  if (offMs >= CLOCK_WARNING_MS) return warning(message, remedy);
  return ok(`The clocks of node and database agree; a round trip takes ${Math.ceil(roundTripMs)} ms`);
}

async function checkEngine({ db, whyEngineNotReady, leaseSeconds }: DoctorServiceDeps): Promise<DoctorFinding> {
  const trouble = whyEngineNotReady();
  if (trouble) return failed(`This node takes no tasks because ${trouble.reason}`, trouble.remedy);
  // Another node takes a task over within a lease and a second, so twice the lease is too long.
  const { leaseless, classless } = await countAbandoned(db, leaseSeconds);
  if (classless.length > 0) return warning(sayClassless(classless), MISSING_CLASS_REMEDY);
  if (leaseless === 0) return ok('This node takes tasks, and none has been left without a node');
  return warning(
    `${leaseless} task(s) have had no node for more than ${leaseSeconds} s and were not taken over`,
    'Look whether a hard pause holds them ("wipctl groups"), or whether no node has their class',
  );
}

// As many as fit into a line.
const MOST_CLASSES = 5;

function sayClassless(classless: Abandoned['classless']): string {
  const tasks = classless.reduce((sum, one) => sum + one.tasks, 0);
  const named = classless.slice(0, MOST_CLASSES).map((one) => `version ${one.classVersion} of ${one.kind}`);
  const more = classless.length - named.length;
  return `${tasks} task(s) cannot go on: no living node has ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

async function checkNodes({
  db,
  node: own,
  nodeLiveSeconds,
  version,
  hasNamesake,
}: DoctorServiceDeps): Promise<DoctorFinding> {
  if (hasNamesake()) {
    return failed(
      `Another process uses the name of this node, "${own}", too, so the installation takes both for one node`,
      'Give each node a name of its own with the setting node, or leave it out',
    );
  }
  const nodes = await liveNodes(db, nodeLiveSeconds);
  const others = nodes.filter((node) => node.version !== version);
  const all = nodes.map((node) => `${node.name} (${node.version})`).join(', ');
  if (nodes.length === 0) {
    return warning('No node has reported to the database lately', 'Wait ten seconds and look again');
  }
  if (others.length === 0) return ok(`${nodes.length} node(s) run: ${all}`);
  return warning(`Nodes of different versions run: ${all}`, 'Finish the upgrade');
}

async function checkReaper({ db }: DoctorServiceDeps): Promise<DoctorFinding> {
  const restored = await readRestored(db);
  if (!restored) return ok('Containers that no task owns are stopped');
  return warning(
    `The database holds what it held at ${restored.dumpedAt}, restored or copied, so containers that no task owns are only reported`,
    'Look into the log for them, then say "wipctl ecs confirm-restore"',
  );
}

async function checkStops({ db }: DoctorServiceDeps): Promise<DoctorFinding> {
  const unstopped = await listUnstopped(db);
  const [first] = unstopped;
  if (!first) return ok('ECS has accepted every stop of a container');
  const { taskId, number, cluster, failure } = first;
  const others = unstopped.length === 1 ? '' : ` (and ${unstopped.length - 1} more)`;
  return warning(
    `Since ${failure.since} ECS has not accepted the stop of container ${number} of task ${taskId} in the cluster "${cluster}"${others}, which may run on: ${failure.sentence}`,
    'Correct what the message names, or stop the task in ECS; the stop is sent again every minute',
  );
}

async function checkLaunches({ db }: DoctorServiceDeps): Promise<DoctorFinding> {
  const blocks = await listLaunchBlocks(db);
  const [worst] = blocks.toSorted((a, b) => Number(isAlarm(b)) - Number(isAlarm(a)));
  if (!worst) return ok('No launch is held up');
  const message = blocks.map((block) => sayLaunchBlock({ ...block, remedy: null })).join(' ');
  return { outcome: isAlarm(worst) ? 'failed' : 'warning', message, remedy: worst.remedy && `${worst.remedy}.` };
}

function isAlarm(block: LaunchBlock): boolean {
  return judgeLaunchBlock(block) === 'alarm';
}
