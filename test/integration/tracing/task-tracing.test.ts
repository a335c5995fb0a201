import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTaskTracing, type TaskTracing, type TraceOutcome } from '../../../controlplane/tracing/task-tracing.ts';
import { restartTask } from '../../../controlplane/store/control/control-task.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { TaskId, type TaskUuid } from '../../../shared/model/ids.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { useTestDatabases, type TestDatabase } from '../../kit/database/database.ts';
import { addOf, endOf, engineDeps, kindOf, runEngine } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { CHECKOUT } from '../../kit/programs/program.ts';
import { RecordingLog } from '../../kit/recording-log.ts';
import { launchAttempt, startedTask } from '../../kit/database/store.ts';
import { startTraceCollector, type TraceCollector } from '../../kit/network/trace-collector.ts';
import { UNOBSERVED } from '../../testkit/world/unobserved.ts';

const databases = useTestDatabases();

/** Waits once, then fails as its user's doing. */
class WaitsAndFails extends BasicWip {
  override getStateTable(): string {
    return `first:choose {\n  go second wait=1\n}\nsecond {\n  * failure\n}\nfailure {\n  * finish\n}\n`;
  }
  first(): void {}
  choose(): string {
    return 'go';
  }
  second(): void {}
  override failure(context: WipContext): void {
    context.exit('ERROR_USER', 'It failed.', { cause: 'script' });
  }
}
const FAILING = kindOf('Failing', () => new WaitsAndFails({ uuid: 'u', options: {} }));

interface Traced {
  readonly collector: TraceCollector;
  readonly tracing: TaskTracing;
  readonly outcomes: TraceOutcome[];
  readonly log: RecordingLog;
  stop(): Promise<void>;
}

async function trace({ db }: TestDatabase, variables: Record<string, string> = {}): Promise<Traced> {
  const collector = await startTraceCollector();
  onTestFinished(() => collector.stop());
  const outcomes: TraceOutcome[] = [];
  const log = new RecordingLog();
  const tracing = await createTaskTracing({
    db,
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...variables },
    version: '1.2.3',
    node: 'node-1',
    installationId: 'i',
    onTrace: (outcome) => outcomes.push(outcome),
    clock: systemClock,
    log,
  });
  const abort = new AbortController();
  const running = tracing.run(abort.signal);
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
  };
  onTestFinished(stop);
  return { collector, tracing, outcomes, log, stop };
}

async function endedTasks({ db }: TestDatabase, count: number): Promise<{ id: TaskId; uuid: TaskUuid }[]> {
  const ended = [];
  for (let made = 0; made < count; made += 1) {
    const task = await startedTask(db, { group: `g${made}` });
    await saveStep(db, task, { exitStatus: 'COMPLETED', next: { kind: 'complete' } });
    ended.push({ id: task.id, uuid: task.uuid });
  }
  return ended;
}

describe('the trace of a task', () => {
  it('has its states one after the other below the task, and says why it failed', async () => {
    const database = await databases.fresh();
    const { db } = database;
    const { collector, tracing } = await trace(database, {
      OTEL_SERVICE_NAME: 'builds',
      OTEL_RESOURCE_ATTRIBUTES: 'team=web',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=k',
    });
    const observer = {
      ...UNOBSERVED,
      taskEnded: (end: Parameters<TaskTracing['taskEnded']>[0]) => tracing.taskEnded(end),
    };
    const engine = runEngine(engineDeps(db, [FAILING], { observer }));
    onTestFinished(() => engine.stop());
    const id = await addOf(db, 'Failing');
    await endOf(db, id);
    await eventually('the trace', () => collector.spans.length > 0);
    const { uuid } = await db
      .selectFrom('task')
      .select('uuid')
      .where('id', '=', TaskId.parse(id))
      .executeTakeFirstOrThrow();

    const { spans } = collector;
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([uuid.replaceAll('-', '')]));
    const root = spans.find(({ parentId }) => parentId === null);
    expect(root).toMatchObject({
      name: 'task Failing',
      status: 2,
      attributes: { 'wip.task.id': id, 'wip.exit_status': 'ERROR_USER', 'wip.cause': 'script', 'wip.fault': 'user' },
      resource: { 'service.name': 'builds', 'service.instance.id': 'node-1', team: 'web' },
    });
    const below = spans.filter(({ parentId }) => parentId === root?.spanId);
    expect(below.map(({ name }) => name)).toEqual([
      'queue',
      'state first',
      'state second',
      'state failure',
      'state finish',
    ]);
    const [, first, second] = below;
    expect(first?.attributes).toMatchObject({ 'wip.state': 'first', 'wip.value': 'go', 'wip.entry': 1 });
    // The wait of a row follows the state that it leads to.
    expect(second!.endMs - second!.startMs).toBeGreaterThanOrEqual(950);
    expect(second!.startMs).toBe(first!.endMs);
    expect(
      below.every(({ startMs, endMs }) => startMs >= root!.startMs && endMs <= root!.endMs && startMs <= endMs),
    ).toBe(true);
    expect(collector.headers[0]).toMatchObject({ path: '/v1/traces', 'api-key': 'k' });
  });

  it('has each attempt with its moments, and the launch below the state that made it', async () => {
    const database = await databases.fresh();
    const { db } = database;
    const { collector, tracing } = await trace(database);
    const task = await startedTask(db);
    const step = {
      fromState: null,
      value: null,
      executed: true,
      timer: null,
      tookMs: 0,
      agoMs: 0,
      waitSeconds: 0,
      note: null,
    };
    await saveStep(db, task, {
      steps: [{ ...step, entry: 1, state: 'launch' }],
      next: { kind: 'entering', state: 'launch' },
    });
    const attempt = await launchAttempt(db, task);
    await sql`UPDATE container_attempt SET launched_at = now(), ready_at = now(), arn = 'arn:1', state = 'stopped',
      resolved_at = now(), end_cause = '{"cause":"spot","fault":"spot"}' WHERE id = ${attempt.id}`.execute(db);
    await saveStep(db, task, { exitStatus: 'ERROR_SYSTEM', cause: 'spot', next: { kind: 'complete' } });
    tracing.taskEnded(task);
    await eventually('the trace', () => collector.spans.length > 0);
    const named = (name: string) => collector.spans.find((span) => span.name === name);
    expect(named('attempt')).toMatchObject({
      parentId: named('task Basic')?.spanId,
      events: ['launched', 'ready'],
      status: 2,
      attributes: { 'wip.attempt': 1, 'wip.cluster': 'default', 'wip.cause': 'spot', 'aws.ecs.task.arn': 'arn:1' },
    });
    expect(named('effect launch')?.parentId).toBe(named('state launch')?.spanId);
    // The span that the container was told to be the parent of its own.
    expect(tracing.traceparentOf(task.uuid, attempt.uuid)).toBe(
      `00-${named('attempt')?.traceId}-${named('attempt')?.spanId}-01`,
    );
  });

  it('goes on in the same trace when the task is restarted', async () => {
    const database = await databases.fresh();
    const { db } = database;
    const { collector, tracing } = await trace(database);
    const observer = {
      ...UNOBSERVED,
      taskEnded: (end: Parameters<TaskTracing['taskEnded']>[0]) => tracing.taskEnded(end),
    };
    const engine = runEngine(engineDeps(db, [FAILING], { observer }));
    onTestFinished(() => engine.stop());
    const id = await addOf(db, 'Failing');
    await endOf(db, id);
    const roots = () => collector.spans.filter(({ parentId }) => parentId === null);
    await eventually('the first run', () => roots().length >= 1);
    await restartTask(db, TaskId.parse(id));
    engine.wake();
    await eventually('the second run', () => roots().length >= 2);
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(new Set(collector.spans.map(({ spanId }) => spanId)).size).toBe(collector.spans.length);
    const states = (run: number): string[] =>
      collector.spans.filter(({ parentId }) => parentId === roots()[run]?.spanId).map(({ name }) => name);
    expect(states(1)).toEqual(states(0).filter((name) => name !== 'queue'));
    expect(roots()[1]!.startMs).toBeGreaterThanOrEqual(roots()[0]!.endMs);
  });
});

describe('a collector', () => {
  it('that never answers holds nothing up: traces are dropped beyond a bound, and each is counted', async () => {
    const database = await databases.fresh();
    const [task] = await endedTasks(database, 1);
    const { collector, tracing, outcomes, stop } = await trace(database, { OTEL_EXPORTER_OTLP_TIMEOUT: '60000' });
    collector.mode = 'hangs';
    tracing.taskEnded(task!);
    await eventually('the request', () => collector.headers.length >= 1);
    for (let more = 0; more < 1_100; more += 1) tracing.taskEnded(task!);
    expect(outcomes).toEqual(Array.from({ length: 100 }, () => 'dropped'));
    await stop();
    expect(outcomes.filter((outcome) => outcome === 'dropped').length).toBe(1_100);
  });

  it('that refuses is told of once, and traces go on when it takes them again', async () => {
    const database = await databases.fresh();
    const [one, two, three] = await endedTasks(database, 3);
    const { collector, tracing, outcomes, log } = await trace(database);
    collector.mode = 'refuses';
    tracing.taskEnded(one!);
    await eventually('the first refusal', () => outcomes.length >= 1);
    tracing.taskEnded(two!);
    await eventually('the second refusal', () => outcomes.length >= 2);
    collector.mode = 'takes';
    tracing.taskEnded(three!);
    await eventually('the trace', () => outcomes.length >= 3);
    expect(outcomes).toEqual(['failed', 'failed', 'exported']);
    expect(collector.spans.map(({ traceId }) => traceId)).toContain(three!.uuid.replaceAll('-', ''));
    const told = log.entries.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(told).toEqual(['traces could not be sent']);
    expect(log.entries.map(({ message }) => message)).toContain('traces are sent again');
  });

  it('gets the share of the tasks that the sampler chooses, the same on each node', async () => {
    const database = await databases.fresh();
    const one = await trace(database, { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' });
    const other = await trace(database, { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' });
    const flags = Array.from({ length: 400 }, () => {
      const [task, attempt] = [randomUUID(), randomUUID()];
      expect(other.tracing.traceparentOf(task, attempt)).toBe(one.tracing.traceparentOf(task, attempt));
      return one.tracing.traceparentOf(task, attempt)!.slice(-2);
    });
    const sampled = flags.filter((flag) => flag === '01').length;
    // Of 400 fair throws fewer than 140 or more than 260 come once in a billion runs.
    expect(sampled).toBeGreaterThan(140);
    expect(sampled).toBeLessThan(260);
    const [task] = await endedTasks(database, 1);
    const off = await trace(database, { OTEL_TRACES_SAMPLER: 'always_off' });
    off.tracing.taskEnded(task!);
    await off.stop();
    expect([off.collector.headers, off.outcomes]).toEqual([[], []]);
  });
});

// prom-client loads OpenTelemetry's API, which is types and constants.
describe("OpenTelemetry's SDK", () => {
  it.each([
    ['is not loaded', {}],
    ['is loaded', { OTEL_TRACES_EXPORTER: 'otlp' }],
  ] as const)('%s with the variables %o', (name, environment) => {
    const script = `
      import { registerHooks } from 'node:module';
      let loaded = 0;
      registerHooks({ load(url, context, next) {
        if (/@opentelemetry.(sdk-trace|exporter)/.test(url)) loaded += 1;
        return next(url, context);
      } });
      const { createTaskTracing } = await import('./controlplane/tracing/task-tracing.ts');
      await import('./controlplane/server.ts');
      const log = { info() {}, warn() {} };
      await createTaskTracing({ environment: ${JSON.stringify(environment)}, log, version: '1', node: 'n', installationId: 'i' });
      console.log(loaded);
      process.exit(0);`;
    const out = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: CHECKOUT,
      encoding: 'utf8',
    });
    expect(Number(out) > 0).toBe(name === 'is loaded');
  });
});
