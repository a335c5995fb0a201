import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createTaskService } from '../../../controlplane/api/tasks/task-service.ts';
import { deliverRequests } from '../../../controlplane/outbox/deliver-requests.ts';
import { createSender } from '../../../controlplane/outbox/send-request.ts';
import {
  AbstractPipelineWip,
  PIPELINE_OPTION_FIELDS,
  PIPELINE_SEALED_OPTIONS,
  type PipelineOptions,
} from '../../../controlplane/tasks/pipeline/abstract-pipeline-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';
import type { ExitStatus } from '../../../shared/model/status.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { endOf, engineDeps, runEngine, TEST_SETTINGS } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { RecordingPipelineService, type Behaviour, type PipelineKey } from '../../kit/network/pipeline-service.ts';

const databases = useTestDatabases();
const KEY: PipelineKey = { id: 'the-key', secret: randomBytes(32).toString('base64') };
const TOKEN = 'token-of-the-job';
// Short, so that a service that hangs is given up within the test.
const TIMEOUT_MS = 300;

/** Works in two states until it is let go, and ends as it is told to. */
class Job extends AbstractPipelineWip {
  static mayEnd = true;
  static end: ExitStatus = 'COMPLETED';

  override get kind(): string {
    return 'Job';
  }
  override getStateTable(): string {
    return `start {\n  * work\n}\nwork:check {\n  wait work wait=1 exec=false\n  done finish\n  ! failure\n}\nfailure {\n  * finish\n}\nterminate {\n  * finish\n}\n`;
  }
  override get transitions(): Record<string, readonly string[]> {
    return { ...super.transitions, check: ['wait', 'done'] };
  }
  async work(context: WipContext): Promise<void> {
    context.log('INFO', 'The work has begun.', { userReadable: true });
    context.log('INFO', 'This is for operators.');
    await this.reportMetadata(context, { colour: 'blue' });
  }
  check(context: WipContext): string {
    if (!Job.mayEnd) return 'wait';
    context.log('WARN', 'The work is done.', { userReadable: true });
    context.exit(Job.end, 'As it was told.');
    return 'done';
  }
}

async function start(credentials: 'key' | 'token' | 'none' = 'key', first: readonly Behaviour[] = []) {
  const { db } = await databases.fresh();
  const service = new RecordingPipelineService(credentials === 'key' ? KEY : null);
  service.behave(...first);
  const pipelineEndpoint = await service.start();
  const kind = defineWip<PipelineOptions>({
    kind: 'Job',
    version: 1,
    options: { schema: z.strictObject(PIPELINE_OPTION_FIELDS), sealed: PIPELINE_SEALED_OPTIONS },
    create: (task) => new Job(task),
  });
  const sendRequest = createSender(TEST_SETTINGS.outgoingHosts, TIMEOUT_MS);
  const deps = engineDeps(db, [kind], { sendRequest });
  const tasks = createTaskService({
    ...deps,
    digestKey: 'k',
    isDatabaseEnding: () => false,
    findSizeRefusal: () => Promise.resolve(null),
  });
  Job.mayEnd = true;
  Job.end = 'COMPLETED';
  const stop = new AbortController();
  const delivering = deliverRequests(deps, stop.signal);
  let engine: ReturnType<typeof runEngine> | null = null;
  onTestFinished(async () => {
    stop.abort();
    service.stop();
    await Promise.all([engine?.stop(), delivering]);
  });
  const given = {
    key: { pipelineApiKey: KEY.id, pipelineApiSecret: KEY.secret },
    token: { authToken: TOKEN },
    none: {},
  };
  const options = { pipelineEndpoint, pipelineJobId: 'job/7', applications: ['app-1'], ...given[credentials] };
  const { id } = await tasks.addTask({ kind: 'Job', options, createdBy: 'ann' });
  const settled = (): Promise<unknown> =>
    eventually(
      'every request is settled',
      async () => (await sql`SELECT FROM outbox`.execute(db)).rows.length === 0,
      40_000,
    );
  return { db, id, service, tasks, settled, run: () => (engine = runEngine(deps)) };
}

describe('the reports of a task to the pipeline service', () => {
  it('tell its status, its log for people and its metadata, signed', async () => {
    const { db, id, service, settled, run } = await start();
    await eventually('it is queued', () => service.taken.length >= 1);
    run();
    await endOf(db, id);
    await settled();
    const whole = { applications: ['app-1'], job_id: 'job/7' };
    const [queued, running, ended] = service.taking('/api/v1/ci/jobs/job%2F7');
    expect(queued).toEqual({
      method: 'PUT',
      path: '/api/v1/ci/jobs/job%2F7',
      isSigned: true,
      body: { ...whole, status: 'queued', started_at: null, finished_at: null, exit_message: null },
    });
    const started = Number(running?.body['started_at']);
    expect(running?.body).toMatchObject({ status: 'running', finished_at: null });
    expect(Math.abs(Date.now() / 1_000 - started)).toBeLessThan(120);
    expect(ended?.body).toMatchObject({ status: 'succeeded', started_at: started, exit_message: 'As it was told.' });
    expect(Number(ended?.body['finished_at'])).toBeGreaterThanOrEqual(started);
    const logs = service.taking('/logs').map(({ method, body }) => ({ method, ...body }));
    const entry = { ...whole, method: 'POST', timestamp: expect.any(Number) };
    expect(logs).toEqual([
      { ...entry, level: 'INFO', message: 'The work has begun.' },
      { ...entry, level: 'WARN', message: 'The work is done.' },
    ]);
    expect(service.taking('/metadata').map(({ method, body }) => ({ method, ...body }))).toEqual([
      { ...whole, method: 'PUT', key: 'colour', value: 'blue' },
    ]);
  });

  it('carry the token of the job where there is no key', async () => {
    const { db, id, service, settled, run } = await start('token');
    run();
    await endOf(db, id);
    await settled();
    expect(service.statuses()).toEqual(['queued', 'running', 'succeeded']);
    for (const { body, isSigned } of service.taken) {
      expect(body['auth_token']).toBe(TOKEN);
      expect(isSigned).toBe(false);
    }
  });

  it('are not made without credentials', async () => {
    const { db, id, service, settled, run } = await start('none');
    run();
    await endOf(db, id);
    await settled();
    expect(service.taken).toEqual([]);
    expect((await sql`SELECT FROM effect`.execute(db)).rows).toEqual([]);
  });

  it.each([
    ['WARNING', 'succeeded'],
    ['ERROR_USER', 'failed_by_user'],
    ['ERROR_SYSTEM', 'failed_by_system'],
    ['TERMINATED', 'terminated'],
  ] as const)('call the end %s "%s"', async (exit, said) => {
    const { db, id, service, settled, run } = await start();
    Job.end = exit;
    run();
    await endOf(db, id);
    await settled();
    expect(service.statuses()).toEqual(['queued', 'running', said]);
  });

  it('tell that it is paused, goes on, is asked to end, and is started again', async () => {
    const { db, id, service, tasks, settled, run } = await start();
    await tasks.pauseTask(id, 'ann');
    await tasks.pauseTask(id, 'ann');
    await tasks.resumeTask(id, 'ann');
    Job.mayEnd = false;
    const engine = run();
    await eventually('it runs', () => service.statuses().at(-1) === 'running');
    await tasks.pauseTask(id, 'ann');
    await tasks.resumeTask(id, 'ann');
    await tasks.terminateTask(id, 'ann');
    engine.wake();
    await endOf(db, id);
    await settled();
    const first = ['queued', 'paused', 'queued', 'running', 'paused', 'running', 'terminated'];
    expect(service.statuses()).toEqual(first);
    Job.mayEnd = true;
    await tasks.restartTask(id, 'ann');
    engine.wake();
    await eventually('it has ended again', () => service.statuses().at(-1) === 'succeeded');
    expect(service.statuses()).toEqual([...first, 'queued', 'running', 'succeeded']);
  });

  it('do not tell of a task that ends before it starts that it runs', async () => {
    const { db, id, service, tasks, settled, run } = await start();
    await tasks.terminateTask(id, 'ann');
    run();
    await endOf(db, id);
    await settled();
    expect(service.statuses()).toEqual(['queued', 'terminated']);
  });
});

describe('a pipeline service that misbehaves', () => {
  it.each<[string, readonly Behaviour[]]>([
    ['fails', ['fails', 'fails']],
    ['hangs', ['hangs', 'hangs']],
    ['answers late', ['answers late', 'answers late']],
    ['is played by somebody else', ['lies', 'lies']],
    ['has lost its keys for a while', ['denies', 'denies']],
    ['does all of it', ['hangs', 'fails', 'lies', 'answers late', 'denies']],
  ])('and %s gets every report, in order', async (_what, first) => {
    const { db, id, service, settled, run } = await start('key', first);
    run();
    expect((await endOf(db, id)).exitStatus).toBe('COMPLETED');
    await settled();
    expect(service.statuses()).toEqual(['queued', 'running', 'succeeded']);
    expect(service.taking('/logs').map(({ body }) => body['message'])).toEqual([
      'The work has begun.',
      'The work is done.',
    ]);
    expect(service.taking('/metadata')).toHaveLength(1);
    expect([...service.tries.values()].reduce((sum, tries) => sum + tries, 0)).toBe(6 + first.length);
  });

  it('and is away fails no build, holds none up, and learns everything when it is back', async () => {
    const { db, id, service, settled, run } = await start();
    service.goAway();
    run();
    expect(await endOf(db, id)).toMatchObject({ exitStatus: 'COMPLETED', exitMessage: 'As it was told.' });
    service.comeBack();
    await settled();
    expect(service.statuses()).toEqual(['queued', 'running', 'succeeded']);
    expect(service.taking('/logs')).toHaveLength(2);
  });
});
