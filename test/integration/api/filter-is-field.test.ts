import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { createTaskListWatch } from '../../../controlplane/api/tasks/streams/task-list-watch.ts';
import { TaskPage, TaskSummary } from '../../../controlplane/api/tasks/task-views.ts';
import { readServerSentEvents } from '../../../controlplane/cli/server-sent-events.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { readTaskVersions } from '../../../controlplane/store/tasks/read-task-versions.ts';
import { Fault } from '../../../shared/model/fault.ts';
import { EXIT_STATUS, TASK_STATUS } from '../../../shared/model/status.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';
import { addBasic } from '../../kit/database/store.ts';
import { taskServiceOf } from '../../kit/task-service.ts';

const databases = useTestDatabases();

/** Every pair of a cause and a stored end that a row can hold, of this and of earlier versions. */
const ENDS: readonly [cause: string | null, endCause: object | null][] = [
  [null, null],
  ['no-cause-stored', null],
  [null, { cause: 'limit-disk', fault: 'user' }],
  [null, { cause: null, fault: 'capacity' }],
  ['another-cause', { cause: 'limit-disk', fault: 'capacity' }],
  ...[...Fault.options, null].map((fault) => ['limit-disk', { cause: 'limit-disk', fault }] as [string, object]),
];

/** Adds a task of each status that a task ends with, and one that goes on, with each of the ends. */
async function addAll(db: Db): Promise<void> {
  for (const [cause, end] of ENDS) {
    for (const exit of Object.values(EXIT_STATUS)) {
      const status = exit === EXIT_STATUS.NOT_FINISHED ? TASK_STATUS.WAITING : TASK_STATUS.COMPLETE;
      const { id } = await addBasic(db);
      await sql`UPDATE task SET status = ${status}, exit_status = ${exit}, cause = ${cause},
        end_cause = ${end && JSON.stringify(end)}::jsonb, completed_at = CASE WHEN ${status} = 3 THEN now() END
        WHERE id = ${id}`.execute(db);
    }
  }
}

/** Serves the real tasks of a database at an address of its own. */
async function serve(db: Db): Promise<{ url: string; headers: Record<string, string> }> {
  const services = new MemoryServices();
  const tasks = taskServiceOf(db);
  const listWatch = createTaskListWatch({
    readVersions: (since) => readTaskVersions(db, since),
    clock: services.apiDeps.clock,
  });
  const app = createHttpApi({
    ...services.apiDeps,
    services: { ...services.apiDeps.services, tasks, listWatch },
  });
  onTestFinished(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, headers: { authorization: `Bearer ${services.giveToken({ name: 'olga', role: 'operator' })}` } };
}

type Server = Awaited<ReturnType<typeof serve>>;

async function listed({ url, headers }: Server, query: string): Promise<TaskSummary[]> {
  const answer = await fetch(`${url}/v1/tasks?limit=200${query}`, { headers });
  return TaskPage.parse(await answer.json()).tasks;
}

/** Returns the ids of the tasks that the stream of the list sends at its first look, the newest first. */
async function streamed({ url, headers }: Server, query: string): Promise<number[]> {
  const stop = new AbortController();
  // A reader that was there before the tasks is sent each that matches its filter.
  const since = { 'last-event-id': new Date(0).toISOString() };
  const answer = await fetch(`${url}/v1/stream?${query}`, { headers: { ...headers, ...since }, signal: stop.signal });
  const ids: number[] = [];
  for await (const { event, data } of readServerSentEvents(answer.body!)) {
    if (event === 'checked') break;
    if (event === 'task') ids.push(TaskSummary.parse(JSON.parse(data)).id);
  }
  stop.abort();
  return ids.sort((one, other) => other - one);
}

describe('?fault=', () => {
  it('finds the very tasks that show the fault, in the list and in its stream', async () => {
    const { db } = await databases.fresh();
    await addAll(db);
    const server = await serve(db);
    const all = await listed(server, '');
    expect(all).toHaveLength(ENDS.length * Object.keys(EXIT_STATUS).length);
    for (const fault of Fault.options) {
      const showing = all.filter((task) => task.fault === fault).map(({ id }) => id);
      expect(showing.length, fault).toBeGreaterThan(0);
      expect(
        (await listed(server, `&fault=${fault}`)).map(({ id }) => id),
        fault,
      ).toEqual(showing);
      expect(await streamed(server, `fault=${fault}`), fault).toEqual(showing);
    }
  });
});
