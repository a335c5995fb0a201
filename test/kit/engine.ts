import type { TaskId } from '../../shared/model/ids.ts';
import { parseRepositoryHosts } from '../../shared/repository/repository-hosts.ts';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { createStepStore } from '../../controlplane/store/create-step-store.ts';
import { createIdentities } from '../../controlplane/engine/identities.ts';
import { Engine } from '../../controlplane/engine/run/engine.ts';
import { NO_FAULTS, type EngineDeps } from '../../controlplane/engine/engine-deps.ts';
import { createSender } from '../../controlplane/outbox/send-request.ts';
import type { Schema } from '../../controlplane/store/schema.ts';
import { DatabaseOutage } from '../../controlplane/store/database-outage.ts';
import { addTask } from '../../controlplane/store/tasks/add-task.ts';
import { BASIC_OPTIONS, BasicWip, type TaskFacts } from '../../controlplane/tasks/basic-wip.ts';
import type { WipClass } from '../../controlplane/tasks/wip-class.ts';
import { defineWip } from '../../controlplane/tasks/kinds.ts';
import { exitStatusOf, type ExitStatus } from '../../shared/model/status.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { nextTurn } from '../../shared/time/next-turn.ts';
import { withinTime } from '../../shared/time/within-time.ts';
import { createLogger } from '../../shared/system/logger.ts';
import { createSealer } from '../../shared/keys/sealing.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { UNOBSERVED } from '../testkit/world/unobserved.ts';
import { eventually } from './eventually.ts';

const NOT_HERE = 'this test has no containers';

/** Returns the dependencies of an engine without containers, for tasks that need none. */
export function engineDeps(
  db: Kysely<Schema>,
  kinds: readonly WipClass[],
  changes: Partial<EngineDeps> = {},
): EngineDeps {
  const {
    clock = systemClock,
    log = createLogger('test', 'silent'),
    masterKey = new Secret(randomBytes(32)),
  } = changes;
  return {
    db,
    store: createStepStore(db),
    leaseDb: db,
    kinds: new Map(kinds.map((kind) => [kind.kind, kind])),
    clusters: {
      openActive: () => Promise.reject(new Error(NOT_HERE)),
      listCandidates: () => Promise.reject(new Error(NOT_HERE)),
      openOf: () => Promise.reject(new Error(NOT_HERE)),
      list: () => Promise.resolve([]),
    },
    agents: { connect: () => Promise.reject(new Error(NOT_HERE)), drop: () => Promise.resolve() },
    readHostKey: () => Promise.reject(new Error(NOT_HERE)),
    sendRequest: createSender(TEST_SETTINGS.outgoingHosts),
    settings: TEST_SETTINGS,
    masterKey,
    sealer: createSealer(masterKey),
    identities: createIdentities(masterKey),
    installationId: randomUUID(),
    publicUrl: () => 'http://127.0.0.1:1',
    decryptBuildValue: (text) => Promise.resolve(text),
    node: 'node-1',
    leaseSeconds: 30,
    concurrency: 16,
    maxRunSeconds: 86_400,
    methodSeconds: 10,
    heartbeatSeconds: 30,
    sweepSeconds: 1,
    clock,
    withinTime: (work, limit) => withinTime(work, { ...limit, clock }),
    unhandledFound: nextTurn,
    log,
    outage: new DatabaseOutage(log, clock),
    notifyNodes: () => undefined,
    observer: UNOBSERVED,
    traceparentOf: () => null,
    failpoint: NO_FAULTS,
    ...changes,
  };
}

export const TEST_SETTINGS: EngineDeps['settings'] = {
  buildTool: ['wip-agent', 'build'],
  repositoryHosts: parseRepositoryHosts('local'),
  outgoingHosts: parseRepositoryHosts('', 'outgoing_hosts'),
  maxDiskPercent: 100,
  maxContainerSeconds: null,
  pipelines: { statsKey: null, statsScope: 'task' },
  askAfterSeconds: 15,
  giveUpAfterSeconds: 120,
  startSeconds: 900,
};

/** Makes a kind from a class whose tasks take no options. */
export function kindOf(kind: string, make: (task: TaskFacts<object>) => BasicWip): WipClass {
  return defineWip({ kind, version: 1, options: BASIC_OPTIONS, create: make });
}

export async function addOf(db: Kysely<Schema>, kind: string, maxRunSeconds: number | null = null): Promise<number> {
  const uuid = randomUUID();
  const { id } = await addTask(db, {
    kind,
    classVersion: '1',
    title: kind,
    group: kind,
    priority: 'MEDIUM',
    workId: uuid,
    options: {},
    maxRunSeconds,
  });
  return id;
}

/** Runs an engine until `stop`, which waits until every task is released. */
export function runEngine(deps: EngineDeps): { stop(): Promise<void>; wake(task?: TaskId): void } {
  const stop = new AbortController();
  const engine = new Engine(deps);
  const done = engine.run(stop.signal);
  return {
    wake: (task) => engine.wake(task),
    async stop() {
      stop.abort();
      await done;
    },
  };
}

export interface EndedTask {
  readonly exitStatus: ExitStatus;
  readonly exitMessage: string | null;
  readonly cause: string | null;
  /** `from => 'value' => to` as transcripts print it. */
  readonly transcript: readonly string[];
  readonly notes: readonly string[];
  readonly logs: readonly string[];
}

/** Waits for the task's end and returns its stored facts. */
export async function endOf(db: Kysely<Schema>, id: number, boundMs?: number): Promise<EndedTask> {
  const row = await eventually(
    `the end of task ${id}`,
    async () => {
      const task = await db
        .selectFrom('task')
        .selectAll()
        .where('id', '=', id as never)
        .executeTakeFirstOrThrow();
      return task.status === 3 ? task : undefined;
    },
    boundMs,
  );
  const steps = await db
    .selectFrom('step')
    .selectAll()
    .where('taskId', '=', id as never)
    .orderBy('id')
    .execute();
  const logs = await db
    .selectFrom('taskLog')
    .select('message')
    .where('taskId', '=', id as never)
    .orderBy('id')
    .execute();
  return {
    exitStatus: exitStatusOf(row.exitStatus),
    exitMessage: row.exitMessage,
    cause: row.cause,
    transcript: steps
      .filter((step) => step.fromState !== null)
      .map((step) => `${step.fromState} => '${step.value}' => ${step.executed ? step.state : `[${step.state}]`}`),
    notes: steps.flatMap((step) => (step.note ? [step.note] : [])),
    logs: logs.map((log) => log.message),
  };
}
