import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ContainerSession } from '../../../controlplane/engine/container/container-session.ts';
import { findAttempt, listAttempts } from '../../../controlplane/store/attempts/find-attempt.ts';
import type { AttemptRow } from '../../../controlplane/store/schema.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { LivenessView } from '../../../controlplane/tasks/context.ts';
import { clusterRows } from '../../kit/ecs/cluster-rows.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { shellContainer, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { startLogs, type LogsServer } from '../../kit/ecs/logs-server.ts';
import { startedTask } from '../../kit/database/store.ts';

const DEFINITION = `default:
  containerDefinitions:
    - name: build
      image: none
      memory: 64
      logConfiguration:
        logDriver: awslogs
        options: { awslogs-group: wip, awslogs-region: local, awslogs-stream-prefix: builds }
overrides: {}
`;

const databases = useTestDatabases();
let test: TestEcs;
let logs: LogsServer;
beforeAll(async () => {
  // No agent: the container ends by itself, and nobody tells why.
  test = await startTestEcs(shellContainer('exit 3'));
});
afterAll(() => test.close());
beforeEach(async () => {
  logs = await startLogs(test.ecs.accessKey);
});
afterEach(() => logs.stop());

class Kind extends BasicWip<object> {
  override getStateTable(): string {
    return 'start {\n  * finish\n}\n';
  }
}

/** Launches a container that dies, and returns what its end says, at the step that decides it. */
async function endOfContainer(lines?: readonly string[]): Promise<{ view: LivenessView; attempt: AttemptRow }> {
  const { db } = await databases.fresh();
  const clock = new HastyClock();
  const plain = engineDeps(db, [], { clock });
  const rows = clusterRows(db, plain.masterKey, test, clock, DEFINITION);
  await rows.save('default', { connection: { logsEndpoint: logs.url } });
  const task = await startedTask(db);
  const session = async (): Promise<ContainerSession> => {
    const attempts = await listAttempts(db, task.id);
    return new ContainerSession(
      { ...plain, clusters: rows.clusters },
      {
        lease: task,
        uuid: task.uuid,
        wip: new Kind({ uuid: task.uuid, options: {} }),
        effectKey: () => `launch-${task.id}`,
        attempts: attempts.length,
        attempt: attempts[0] ?? null,
        signals: { ready: null, output: null, exit: null },
        now: clock.now(),
        abort: new AbortController().signal,
      },
    );
  };
  const outcome = await (await session()).newContainer({}).run();
  if (outcome.kind !== 'launched') throw new Error(JSON.stringify(outcome));
  const stream = `wip/builds/build/${outcome.arn.split('/').at(-1)}`;
  if (lines) logs.streams.set(stream, lines);
  const view = await eventually('the end', async () => {
    await clock.sleep(30_000);
    const seen = await (await session()).liveness();
    return seen.verdict === 'terminated' ? seen : null;
  });
  rows.clusters.close();
  const [attempt] = await listAttempts(db, task.id);
  return { view, attempt: (await findAttempt(db, { uuid: attempt!.uuid }))! };
}

it('keeps the last 20 lines of a container whose agent never spoke as evidence of its end', async () => {
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);
  const { view, attempt } = await endOfContainer([...lines, 'exec /wip-agent: exec format error\n']);
  const evidence = attempt.endCause?.evidence.at(-1);
  expect(evidence).toMatch(/^its log wip\/builds\/build\/[0-9a-f]{32} ends with:\nline 12\n/);
  expect(evidence).toMatch(/line 30\nexec \/wip-agent: exec format error$/);
  expect(view.evidence).toContain('exec format error');
  expect(logs.calls).toMatchObject([{ logGroupName: 'wip', limit: 20, startFromHead: false }]);
});

it('cuts lines that are longer than a row may be', async () => {
  const { attempt } = await endOfContainer(['x'.repeat(100_000), 'the end']);
  const evidence = attempt.endCause?.evidence.at(-1) ?? '';
  expect(evidence.length).toBeLessThan(2_048);
  expect(evidence).toMatch(/…x+\nthe end$/);
});

it.each(['denies', 'hangs'] as const)('ends the container all the same when CloudWatch Logs %s', async (mood) => {
  logs.mood = mood;
  const { view, attempt } = await endOfContainer(['unseen']);
  expect(view).toMatchObject({ verdict: 'terminated', cause: attempt.endCause?.cause });
  expect(JSON.stringify(attempt.endCause)).not.toContain('its log');
});

it('ends it all the same when there is no stream', async () => {
  const { attempt } = await endOfContainer();
  expect(attempt.endCause?.cause).toBeDefined();
  expect(JSON.stringify(attempt.endCause)).not.toContain('its log');
});
