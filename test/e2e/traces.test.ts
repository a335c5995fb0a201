import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { addTask } from '../../controlplane/store/tasks/add-task.ts';
import { useTestDatabases } from '../kit/database/database.ts';
import { DevSystem } from '../kit/programs/dev-system.ts';
import { eventually } from '../kit/eventually.ts';
import { buildFile, git, makeBareRepository, makeRepository } from '../kit/builds/git-place.ts';
import { useWorkplace, Workplace } from '../kit/programs/program.ts';
import { STEPS } from '../kit/kinds/steps-wip.ts';
import { startTraceCollector, type TraceCollector } from '../kit/network/trace-collector.ts';
import { ServedNode } from '../testkit/system/served-node.ts';

const WAIT_MS = 180_000;
const KIND_FILE = path.join(import.meta.dirname, '../kit/kinds/steps-wip.ts');

let collector: TraceCollector;
beforeAll(async () => {
  collector = await startTraceCollector();
});
afterAll(() => collector.stop());

describe('the trace of a task whose node gets SIGKILL between two states', () => {
  const databases = useTestDatabases();

  it('is one trace with every state, the first of which the dead node has carried out', async () => {
    const place = useWorkplace();
    const { db, url: databaseUrl } = await databases.fresh();
    const masterKey = randomBytes(32);
    const startNode = async (name: string): Promise<ServedNode> => {
      const node = await ServedNode.start({
        databaseUrl,
        directory: place.directory,
        masterKey,
        settings: {
          WIP_NODE: name,
          WIP_LEASE_SECONDS: '10',
          WIP_DATA_DIR: place.path(name),
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        },
        args: ['--kinds', KIND_FILE],
      });
      onTestFinished(() => node.close());
      return node;
    };
    const first = await startNode('first');
    const { id, uuid } = await addTask(db, {
      ...{ kind: STEPS.kind, classVersion: String(STEPS.version), title: 'Steps', group: 'Steps', workId: 'steps' },
      ...{ priority: 'MEDIUM', options: {} },
    });
    await eventually(
      'the state two',
      async () =>
        (await db.selectFrom('task').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state === 'two',
      WAIT_MS,
    );
    await first.kill();
    await startNode('second');
    const traceId = uuid.replaceAll('-', '');
    const spans = () => collector.spans.filter((span) => span.traceId === traceId);
    await eventually('the trace', () => spans().length > 0, WAIT_MS);
    expect(spans().map(({ name }) => name)).toEqual([
      'task Steps',
      'queue',
      'state one',
      'state two',
      'state three',
      'state finish',
    ]);
    expect(collector.spans.filter(({ name }) => name === 'task Steps')).toHaveLength(1);
    expect(spans()[0]?.resource).toMatchObject({ 'service.instance.id': 'second' });
  });
});

describe('the trace of a build', () => {
  it('is told to its steps, whose own spans become children of the attempt', async () => {
    const place = new Workplace();
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const dev = await DevSystem.start(place, { environment });
    onTestFinished(async () => {
      await dev.close();
      await place.becomesQuiet();
      await place.remove();
    });
    const files = { 'acquia-pipelines.yaml': buildFile('echo "$TRACEPARENT" > made') };
    const source = makeRepository(place.path('app'), files);
    const deployVcsUri = makeBareRepository(place.path('artefact.git'));
    const task = await dev.build({ sourceVcsUri: source, vcsPath: 'main', deployVcsUri });
    expect(task.exitStatus).toBe('COMPLETED');
    const traceId = task.uuid.replaceAll('-', '');
    const spans = () => collector.spans.filter((span) => span.traceId === traceId);
    await eventually('the trace', () => spans().length > 0, WAIT_MS);
    const attempt = spans().find(({ name }) => name === 'attempt');
    const told = git(deployVcsUri, 'show', 'pipelines-build-main:made');
    expect(told).toBe(`00-${traceId}-${attempt?.spanId}-01`);
    expect(attempt?.events).toEqual(['launched', 'running', 'enrolled', 'ready', 'verified', 'released']);
    const names = spans().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['task BuildSteps', 'queue', 'effect launch', 'effect']));
    // Names are for grouping: no id, number or path of a task is in one.
    expect(names.filter((name) => /\d|\/|-/.test(name))).toEqual([]);
  });
});
