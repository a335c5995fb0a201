import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';
import { VirtualClock } from '../../testkit/world/virtual-clock.ts';

interface Event {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

/** A thousand times as fast. */
const hastyClock: Clock = {
  ...systemClock,
  monotonicMs: () => 1_000 * systemClock.monotonicMs(),
  sleep: (ms, signal) => systemClock.sleep(ms / 1_000, signal),
};

let services: MemoryServices;
let app: FastifyInstance;
let url: string;
let token: string;
let stop: AbortController;
beforeEach(async () => {
  stop = new AbortController();
  await listen(new MemoryServices());
});
afterEach(async () => {
  stop.abort();
  await app.close();
});

async function listen(with_: MemoryServices): Promise<void> {
  services = with_;
  app = createHttpApi(services.apiDeps);
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  token = services.giveToken({ name: 'ann', role: 'submitter' });
  await services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
}

/** Yields the raw text of the stream, piece by piece. */
async function* readText(lastEventId?: string): AsyncGenerator<string> {
  const headers = { authorization: `Bearer ${token}`, ...(lastEventId && { 'last-event-id': lastEventId }) };
  const answer = await fetch(`${url}/v1/tasks/1/stream`, { headers, signal: stop.signal });
  if (!answer.ok || !answer.body) throw new Error(`${answer.status} ${await answer.text()}`);
  yield* answer.body.pipeThrough(new TextDecoderStream());
}

async function* readEvents(lastEventId?: string): AsyncGenerator<Event> {
  let text = '';
  for await (const piece of readText(lastEventId)) {
    const blocks = (text + piece).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => [line.split(':')[0], line.slice(line.indexOf(':') + 2)]),
      );
      yield { id: fields['id'] ?? '', event: fields['event'] ?? '', data: JSON.parse(fields['data'] ?? '{}') };
    }
  }
}

async function next(events: AsyncGenerator<Event>, kind: string): Promise<Event> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`the stream ended before an event ${kind}`);
    if (value.event === kind) return value;
  }
}

describe('GET /v1/tasks/:id/stream', () => {
  it('sends what was, then each change as it happens, then the end, and closes', async () => {
    services.change(1, { status: 'PROCESSING' }, { step: 'start', output: 'early' });
    const events = readEvents();
    expect((await next(events, 'task')).data).toMatchObject({ status: 'PROCESSING' });
    expect((await next(events, 'output')).data).toMatchObject({ data: Buffer.from('early').toString('base64') });
    expect((await next(events, 'state')).data).toMatchObject({ to: 'start' });
    services.change(1, {}, { log: 'The build runs.' });
    expect((await next(events, 'log')).data).toMatchObject({ message: 'The build runs.' });
    services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' }, { step: 'finish' });
    expect((await next(events, 'state')).data).toMatchObject({ to: 'finish' });
    expect((await next(events, 'end')).data).toMatchObject({ status: 'COMPLETE', why: 'It completed.' });
    expect((await events.next()).done).toBe(true);
  });

  it('says before which piece of output how many bytes are missing, and not of what this reader has had', async () => {
    services.change(1, {}, { output: 'one' });
    services.change(1, {}, { output: 'two', omitted: 5 });
    const events = readEvents();
    expect((await next(events, 'output')).data).toMatchObject({ offset: 0, omittedBefore: 0 });
    expect((await next(events, 'output')).data).toMatchObject({ offset: 8, omittedBefore: 5 });
    // The store looks as if it had trimmed everything before this piece.
    services.tasks.get(1)?.pieces.push({ ...services.tasks.get(1)!.pieces[1]!, id: 3, offset: 11, omittedBefore: 11 });
    services.change(1, { status: 'PROCESSING' });
    expect((await next(events, 'output')).data).toMatchObject({ offset: 11, omittedBefore: 0 });
  });

  it('goes on after the last event a reader had, in every kind', async () => {
    for (let round = 0; round < 3; round += 1)
      services.change(1, {}, { step: `s${round}`, log: `l${round}`, output: `o${round}` });
    services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' });
    const whole: Event[] = [];
    for await (const event of readEvents()) whole.push(event);
    const records = (events: Event[]): string[] =>
      events
        .filter(({ event }) => event !== 'task' && event !== 'end')
        .map(({ event, data }) => event + JSON.stringify(data));
    for (const [index, { id }] of whole.entries()) {
      const rest: Event[] = [];
      for await (const event of readEvents(id)) rest.push(event);
      expect(records(rest)).toEqual(records(whole.slice(index + 1)));
    }
  });

  it('sends more than a page of records', async () => {
    for (let line = 0; line < 1_234; line += 1) services.change(1, {}, { output: `${line}\n` });
    services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' });
    let text = '';
    for await (const { event, data } of readEvents()) {
      if (event === 'output') text += Buffer.from(String(data['data']), 'base64').toString();
    }
    expect(text).toBe(Array.from({ length: 1_234 }, (_, line) => `${line}\n`).join(''));
  });

  it('costs the store as much with thirty readers as with one', async () => {
    const readers = Array.from({ length: 30 }, () => readEvents());
    for (const reader of readers) await next(reader, 'task');
    const read = services.readOutputPieces;
    let reads = 0;
    services.readOutputPieces = (...page) => {
      reads += 1;
      return read(...page);
    };
    services.change(1, {}, { output: 'for all' });
    for (const reader of readers) await next(reader, 'output');
    // One for the change; the others look once a second, together.
    expect(reads).toBeLessThan(readers.length / 2);
  });

  it('reads the view of the task when it changed, and not for output alone', async () => {
    await app.close();
    // Its time stands still: the look of each second would read the view too.
    await listen(new MemoryServices(new VirtualClock(new Date('2026-11-28T12:00:00Z'))));
    const events = readEvents();
    await next(events, 'task');
    const find = services.findTask;
    let reads = 0;
    services.findTask = (id) => {
      reads += 1;
      return find(id);
    };
    for (let line = 0; line < 20; line += 1) {
      services.change(1, {}, { output: `${line}\n` });
      expect((await next(events, 'output')).data).toMatchObject({ id: line + 1 });
    }
    expect(reads).toBe(0);
    services.change(1, { status: 'PROCESSING' }, { output: 'and a change' });
    expect((await next(events, 'task')).data).toMatchObject({ status: 'PROCESSING' });
    services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' });
    expect((await next(events, 'end')).data).toMatchObject({ status: 'COMPLETE' });
    expect(reads).toBe(2);
  });

  it('tells how a task goes on to a reader who never catches up with its output', async () => {
    const own = services; // a page may be under way when the next test has begun
    const read = own.readOutputPieces;
    let pages = 0;
    own.readOutputPieces = async (id, { after }) => {
      pages += 1;
      if (pages === 3) own.change(id, { status: 'PROCESSING' });
      own.change(id, {}, { output: `page ${pages}\n` });
      return { ...(await read(id, { after, limit: 1 })), isFull: pages < 1_000 };
    };
    const events = readEvents();
    await next(events, 'task');
    expect((await next(events, 'task')).data).toMatchObject({ status: 'PROCESSING' });
    expect(pages).toBeLessThan(1_000);
  });

  it('ends for the one whose token was revoked, and goes on for another reader of the same task', async () => {
    const own = readEvents();
    await next(own, 'task');
    const revoked = token;
    token = services.giveToken({ name: 'ann', role: 'viewer' });
    const others = readEvents();
    await next(others, 'task');
    services.principals.delete(revoked);
    services.change(1, {}, { output: 'not for everybody' });
    expect((await next(others, 'output')).data).toMatchObject({ offset: 0 });
    expect((await own.next()).done).toBe(true);
  });

  it('makes the task watched while somebody reads, and not after', async () => {
    const events = readEvents();
    await next(events, 'task');
    await expect.poll(() => services.isWatched(1)).toBe(true);
    stop.abort();
    await expect.poll(() => services.isWatched(1)).toBe(false);
  });

  it('keeps a silent connection alive with comments', async () => {
    await app.close();
    await listen(new MemoryServices(hastyClock));
    let text = '';
    for await (const piece of readText()) {
      text += piece;
      if (text.includes(': keep-alive\n\n')) break;
    }
    expect(text).toContain('event: task');
  });

  it('ends open streams when the server closes, so that a restart need not wait for readers', async () => {
    const events = readEvents();
    await next(events, 'task');
    await app.close();
    expect((await events.next()).done).toBe(true);
  });

  it.each([
    ['was revoked, at whichever node', () => services.principals.delete(token)],
    ['belongs to somebody else now', () => services.principals.set(token, { name: 'bob', role: 'submitter' })],
    [
      'is that of a submitter with other groups now',
      () => services.principals.set(token, { name: 'eve', role: 'submitter', groups: ['others'] }),
    ],
  ])('ends, and tells nothing more, when its token %s', async (_how, change) => {
    const events = readEvents();
    await next(events, 'task');
    change();
    services.change(1, { status: 'PROCESSING' }, { output: 'not for you', log: 'nor this', step: 'secret' });
    const rest: string[] = [];
    for await (const { event } of events) rest.push(event);
    expect(rest).toEqual([]);
    await expect.poll(() => services.isWatched(1)).toBe(false);
  });

  it('ends when its token is revoked while nothing happens', async () => {
    await app.close();
    await listen(new MemoryServices(hastyClock));
    let isRevoked = false;
    for await (const piece of readText()) {
      if (isRevoked || !piece.includes(': keep-alive')) continue;
      services.principals.delete(token);
      isRevoked = true;
    }
    expect(isRevoked).toBe(true);
  });

  it('refuses a Last-Event-ID that it never gave', async () => {
    await expect(readEvents('somewhere').next()).rejects.toThrow('422');
  });
});

describe('the download of a log', () => {
  it('breaks off when its token is revoked, and does not pass for the whole', async () => {
    for (let line = 0; line < 1_000; line += 1) services.change(1, {}, { output: `${line}\n` });
    const headers = { authorization: `Bearer ${token}` };
    const download = (): Promise<string> =>
      fetch(`${url}/v1/tasks/1/output?stream=all&download=true`, { headers }).then((answer) => answer.text());
    expect((await download()).split('\n')).toHaveLength(1_001);
    const read = services.readOutputPieces;
    services.readOutputPieces = async (...page) => {
      const pieces = await read(...page);
      services.principals.delete(token);
      return pieces;
    };
    await expect(download()).rejects.toThrow('terminated');
  });
});
