import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { TaskSummary } from '../../../controlplane/api/tasks/task-views.ts';
import { readServerSentEvents, type ServerSentEvent } from '../../../controlplane/cli/server-sent-events.ts';
import { readTaskVersions } from '../../../controlplane/store/tasks/read-task-versions.ts';
import { sql } from 'kysely';
import { useTestDatabases } from '../../kit/database/database.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';
import { addBasic } from '../../kit/database/store.ts';

let services: MemoryServices;
let app: FastifyInstance;
let url: string;
let stop: AbortController;
beforeEach(async () => {
  stop = new AbortController();
  services = new MemoryServices(new HastyClock());
  app = createHttpApi(services.apiDeps);
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  stop.abort();
  await app.close();
});

async function add(createdBy: string, group = 'BuildSteps'): Promise<number> {
  return (await services.addTask({ kind: 'BuildSteps', options: {}, createdBy, group })).id;
}

async function* follow(token: string, query = '', lastEventId?: string): AsyncGenerator<ServerSentEvent> {
  const headers = { authorization: `Bearer ${token}`, ...(lastEventId && { 'last-event-id': lastEventId }) };
  const answer = await fetch(`${url}/v1/stream${query}`, { headers, signal: stop.signal });
  if (!answer.ok || !answer.body) throw new Error(`${answer.status} ${await answer.text()}`);
  yield* readServerSentEvents(answer.body);
}

/** Returns the next event that is not a check without changes. */
async function next(events: AsyncGenerator<ServerSentEvent>): Promise<[event: string, id: number]> {
  const { event, data } = await nextChange(events);
  return [event, (JSON.parse(data) as { id: number }).id];
}

async function nextTask(events: AsyncGenerator<ServerSentEvent>): Promise<TaskSummary> {
  const { event, data } = await nextChange(events);
  expect(event).toBe('task');
  return TaskSummary.parse(JSON.parse(data));
}

async function nextChange(events: AsyncGenerator<ServerSentEvent>): Promise<ServerSentEvent> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error('the stream ended');
    if (value.event === 'task' || value.event === 'left') return value;
  }
}

async function firstCheck(events: AsyncGenerator<ServerSentEvent>): Promise<string> {
  const { value } = await events.next();
  expect(value).toMatchObject({ event: 'checked' });
  return (value as ServerSentEvent).id;
}

describe('GET /v1/stream', () => {
  it('begins with a check, and then tells of each task that is new or changed', async () => {
    await add('ann');
    const events = follow(services.giveToken({ name: 'vera', role: 'viewer' }));
    await firstCheck(events);
    await add('bob');
    expect(await next(events)).toEqual(['task', 2]);
    services.change(1, { status: 'PROCESSING' });
    expect(await next(events)).toEqual(['task', 1]);
  });

  it('tells of the last change of a task that changes twice while it is read', async () => {
    await add('ann');
    const events = follow(services.giveToken({ name: 'vera', role: 'viewer' }));
    await firstCheck(events);
    for (const isPaused of [true, false, true]) {
      services.change(1, { isPaused });
      expect((await nextTask(events)).isPaused).toBe(isPaused);
    }
  });

  it('checks the token of thirty readers once a second, not thirty times', async () => {
    await app.close();
    services = new MemoryServices();
    app = createHttpApi(services.apiDeps);
    url = await app.listen({ host: '127.0.0.1', port: 0 });
    const token = services.giveToken({ name: 'vera', role: 'viewer' });
    const readers = Array.from({ length: 30 }, () => follow(token));
    for (const reader of readers) await firstCheck(reader);
    let checks = 0;
    const find = services.principals.get.bind(services.principals);
    services.principals.get = (key) => {
      checks += 1;
      return find(key);
    };
    for (const reader of readers) expect((await reader.next()).value).toMatchObject({ event: 'checked' });
    expect(checks).toBeGreaterThan(0);
    expect(checks).toBeLessThan(readers.length / 2);
  });

  it('tells a submitter of its own tasks only, and of those that a filter loses', async () => {
    await add('ann', 'nightly');
    const events = follow(services.giveToken({ name: 'ann', role: 'submitter' }), '?group=nightly&status=NOT_STARTED');
    await firstCheck(events);
    await add('bob', 'nightly');
    services.change(2, { status: 'PROCESSING' });
    services.change(1, { status: 'PROCESSING' });
    expect(await next(events)).toEqual(['left', 1]);
    const own = await add('ann', 'nightly');
    expect(await next(events)).toEqual(['task', own]);
  });

  it('goes on after the last event with every task that may have changed since', async () => {
    await add('ann');
    const token = services.giveToken({ name: 'vera', role: 'viewer' });
    const events = follow(token);
    const at = await firstCheck(events);
    await events.return(undefined);
    services.change(1, {
      status: 'COMPLETE',
      exitStatus: 'COMPLETED',
      completedAt: services.clock.now().toISOString(),
    });
    expect(await next(follow(token, '', at))).toEqual(['task', 1]);
  });

  it('ends when its token is revoked, and refuses what is no id of it', async () => {
    const token = services.giveToken({ name: 'vera', role: 'viewer' });
    await expect(follow(token, '', 'yesterday').next()).rejects.toThrow('422');
    const events = follow(token);
    await firstCheck(events);
    services.principals.delete(token);
    await expect.poll(async () => (await events.next()).done).toBe(true);
  });
});

describe('the versions of tasks', () => {
  const databases = useTestDatabases();

  it('change with every write of the row, and hold ended tasks for as long as is asked', async () => {
    const { db } = await databases.fresh();
    const [going, ended, old] = [await addBasic(db), await addBasic(db), await addBasic(db)];
    await sql`UPDATE task SET status = 3, completed_at = '2026-11-28T12:00:00Z' WHERE id = ${old.id}`.execute(db);
    await sql`UPDATE task SET status = 3, completed_at = '2026-11-28T13:00:00Z' WHERE id = ${ended.id}`.execute(db);
    const since = new Date('2026-11-28T12:30:00Z');
    const before = await readTaskVersions(db, since);
    expect([...before.versions.keys()].sort()).toEqual([going.id, ended.id].sort());
    await sql`UPDATE task SET waits_for = 'a reason' WHERE id = ${going.id}`.execute(db);
    const after = await readTaskVersions(db, since);
    expect(after.versions.get(going.id)).not.toBe(before.versions.get(going.id));
    expect(after.versions.get(ended.id)).toBe(before.versions.get(ended.id));
    expect(Math.abs(after.at.getTime() - Date.now())).toBeLessThan(60_000);
  });
});
