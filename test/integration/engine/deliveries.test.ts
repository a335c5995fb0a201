import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hmacHeaders } from '../../../controlplane/outbox/http-hmac.ts';
import { deliverRequests } from '../../../controlplane/outbox/deliver-requests.ts';
import type { SendOutcome } from '../../../controlplane/outbox/send-request.ts';
import { pruneFinished } from '../../../controlplane/store/prune-finished.ts';
import { requestTerminate } from '../../../controlplane/store/control/control-task.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import type { Delivery, OutgoingRequest } from '../../../controlplane/tasks/outgoing-request.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addOf, endOf, engineDeps, kindOf, runEngine } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';

const databases = useTestDatabases();
const URL_OF_IT = 'https://example.org/builds';
const ACCEPTED: SendOutcome = { kind: 'answer', status: 202, headers: {}, body: 'noted', isWhole: true };
const AWAY: SendOutcome = { kind: 'no-answer', neverSent: false, message: 'the line is dead' };

interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Delivers one request. Its final message tells the outcome. */
class Reports extends BasicWip {
  readonly request: OutgoingRequest;

  constructor(request: Partial<OutgoingRequest> = {}) {
    super({ uuid: 'u', options: {} });
    this.request = { method: 'POST', url: URL_OF_IT, body: 'done', ...request };
  }
  override getStateTable(): string {
    return `report:check {\n  wait  report wait=3600 exec=false\n  over  finish\n  !     failure\n}\nfailure {\n  * finish\n}\n`;
  }
  async report(context: WipContext): Promise<void> {
    await context.deliver('report', this.request);
  }
  async check(context: WipContext): Promise<string> {
    const delivery = await context.delivery('report');
    if (delivery?.kind === 'under-way') return 'wait';
    context.exit('WARNING', JSON.stringify(delivery));
    return 'over';
  }
}

async function start(make: () => BasicWip, answer: (nth: number) => SendOutcome | Promise<SendOutcome>) {
  const database = await databases.fresh();
  const sent: Sent[] = [];
  const wakes: number[] = [];
  const deps = engineDeps(database.db, [kindOf('T', make)], {
    sendRequest: async (request) => answer(sent.push(request)),
    notifyNodes: (id) => void wakes.push(id),
  });
  const engine = runEngine(deps);
  const stop = new AbortController();
  const delivering = deliverRequests(deps, stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await Promise.all([engine.stop(), delivering]);
  });
  const id = TaskId.parse(await addOf(database.db, 'T'));
  return { ...database, id, sent, wakes };
}

const deliveryIn = ({ exitMessage }: { exitMessage: string | null }): Delivery =>
  JSON.parse(exitMessage ?? 'null') as Delivery;

describe('a request that a task gives to be delivered', () => {
  it('arrives with a key of its own, wakes the task with its answer, and was sealed while it waited', async () => {
    const held = Promise.withResolvers<SendOutcome>();
    const { db, id, sent, wakes } = await start(
      () => new Reports({ headers: { authorization: 'Bearer s3cret' } }),
      () => held.promise,
    );
    await eventually('it is sent', () => sent.length >= 1);
    const stored = await sql<{ text: string }>`SELECT effect::text || outbox::text AS text FROM effect, outbox`.execute(
      db,
    );
    expect(stored.rows[0]!.text).not.toContain('s3cret');
    expect(stored.rows[0]!.text).not.toContain('example.org');
    held.resolve(ACCEPTED);
    const end = await endOf(db, id);
    expect(deliveryIn(end)).toEqual({ kind: 'answered', status: 202, body: 'noted' });
    expect(sent).toEqual([
      {
        method: 'POST',
        url: URL_OF_IT,
        body: 'done',
        headers: { authorization: 'Bearer s3cret', 'idempotency-key': expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    ]);
    expect(wakes).toContain(id);
    expect((await sql`SELECT FROM outbox`.execute(db)).rows).toEqual([]);
  });

  it('is sent again, the same, until it is answered', async () => {
    const { db, id, sent } = await start(
      () => new Reports(),
      (nth) => (nth < 3 ? AWAY : ACCEPTED),
    );
    expect(deliveryIn(await endOf(db, id))).toMatchObject({ kind: 'answered' });
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map((request) => JSON.stringify(request))).size).toBe(1);
  });

  it('that must not come twice is sent once and unknown when the line breaks; the log says so', async () => {
    const { db, id, sent } = await start(
      () => new Reports({ repeat: 'never' }),
      () => AWAY,
    );
    const end = await endOf(db, id);
    expect(deliveryIn(end)).toMatchObject({ kind: 'unknown', message: 'no answer: the line is dead' });
    expect(sent).toHaveLength(1);
    expect(end.logs).toContain(
      'Whether the request "report" arrived is not known, and it is not sent again: no answer: the line is dead.',
    );
  });

  it('that must not come twice is not sent again after its node has died', async () => {
    const held = Promise.withResolvers<SendOutcome>();
    const { db, id, sent } = await start(
      () => new Reports({ repeat: 'never' }),
      () => held.promise,
    );
    onTestFinished(() => held.resolve(AWAY));
    await eventually('a node has it', () => sent.length >= 1);
    await sql`UPDATE outbox SET due_at = now()`.execute(db);
    expect(deliveryIn(await endOf(db, id))).toMatchObject({ kind: 'unknown' });
    expect(sent).toHaveLength(1);
  });

  it('is refused for good by an answer that says so', async () => {
    const gone: SendOutcome = { kind: 'answer', status: 410, headers: {}, body: 'no more', isWhole: true };
    const { db, id } = await start(
      () => new Reports(),
      () => gone,
    );
    const end = await endOf(db, id);
    expect(deliveryIn(end)).toEqual({ kind: 'refused', status: 410, body: 'no more', message: 'it was answered 410' });
    expect(end.logs).toContain('The request "report" was refused: it was answered 410.');
  });

  it('is given up when its time is over', async () => {
    const { db, id, sent } = await start(
      () => new Reports({ giveUpAfterSeconds: 1 }),
      () => AWAY,
    );
    const delivery = deliveryIn(await endOf(db, id));
    // On a busy machine the second is over before the first try.
    const tries = sent.length === 1 ? 'one try' : `${sent.length} tries`;
    expect(delivery).toMatchObject({
      kind: 'refused',
      message: `given up after ${tries}; the last: no answer: the line is dead`,
    });
  });

  it('goes on after the end of its task, which is kept as long', async () => {
    const held = Promise.withResolvers<SendOutcome>();
    const { db, id, sent } = await start(
      () => new Reports(),
      () => held.promise,
    );
    await eventually('it is sent', () => sent.length >= 1);
    await requestTerminate(db, id);
    await endOf(db, id);
    await sql`UPDATE group_limit SET retention_days = 0`.execute(db);
    expect(await pruneFinished(db, 10)).toBe(0);
    held.resolve(ACCEPTED);
    await eventually('it is settled', async () => (await sql`SELECT FROM outbox`.execute(db)).rows.length === 0);
    const { rows } = await sql`SELECT state, answer FROM effect`.execute(db);
    expect(rows).toEqual([{ state: 'answered', answer: { kind: 'answered', status: 202, body: 'noted' } }]);
    expect(await pruneFinished(db, 10)).toBe(1);
  });

  it('is sent as it was given first, though the state gives another one when it runs again', async () => {
    let runs = 0;
    class Changes extends Reports {
      override async report(context: WipContext): Promise<void> {
        runs += 1;
        await context.deliver('report', { ...this.request, body: `run ${runs}` }, 'task');
        if (runs === 1) throw new Error('again');
      }
      override getStateTable(): string {
        return `start {\n  * report\n}\nreport:check {\n  over finish\n  wait report wait=3600 exec=false\n  ! failure\n}\nfailure {\n  * report\n}\n`;
      }
      override async check(context: WipContext): Promise<string> {
        return (await context.delivery('report', 'task'))?.kind === 'answered' ? 'over' : 'wait';
      }
    }
    const { db, id, sent } = await start(
      () => new Changes(),
      () => ACCEPTED,
    );
    await endOf(db, id);
    expect(runs).toBe(2);
    expect(sent.map(({ body }) => body)).toEqual(['run 1']);
  });

  it('waits for those that were given before it in its order, and for no other', async () => {
    class Ordered extends Reports {
      override async report(context: WipContext): Promise<void> {
        for (const body of ['1', '2', '3'])
          await context.deliver(`status ${body}`, { ...this.request, body, order: 'status' });
        await context.deliver('report', { ...this.request, body: 'beside' });
      }
    }
    const { db, id, sent } = await start(
      () => new Ordered(),
      (nth) => (nth < 4 && sent[nth - 1]!.body === '1' ? AWAY : ACCEPTED),
    );
    await endOf(db, id);
    await eventually('all are settled', async () => (await sql`SELECT FROM outbox`.execute(db)).rows.length === 0);
    const bodies = sent.map(({ body }) => body ?? '');
    const ordered = bodies.filter((body) => body !== 'beside');
    expect(ordered.filter((body) => body === '1').length).toBeGreaterThan(1);
    expect([...ordered].sort()).toEqual(ordered);
    expect(new Set(ordered)).toEqual(new Set(['1', '2', '3']));
    expect(bodies.indexOf('beside')).toBeLessThan(bodies.indexOf('2'));
  });

  it('is signed anew with each try, at its time, and its secret is sealed while it waits', async () => {
    const key = { realm: 'CIStore', id: 'the-key', secret: Buffer.from('the very secret').toString('base64') };
    const { db, id, sent } = await start(
      () => new Reports({ sign: { scheme: 'acquia-http-hmac', ...key } }),
      (nth) => (nth === 1 ? { ...ACCEPTED, status: 401 } : ACCEPTED),
    );
    await eventually('it was tried', () => sent.length >= 1);
    const stored = await sql<{ text: string }>`SELECT effect::text || outbox::text AS text FROM effect, outbox`.execute(
      db,
    );
    expect(stored.rows[0]?.text).not.toContain(key.secret);
    expect(deliveryIn(await endOf(db, id))).toMatchObject({ kind: 'answered', status: 202 });
    const moments = sent.map(({ headers, ...request }) => {
      const nonce = /nonce="([^"]+)"/.exec(headers['authorization'] ?? '')?.[1] ?? '';
      const moment = { nonce, timestamp: Number(headers['x-authorization-timestamp']) };
      expect(headers).toMatchObject(hmacHeaders(key, { method: 'POST', headers, ...request }, moment));
      return moment;
    });
    expect(new Set(moments.map(({ nonce }) => nonce)).size).toBe(2);
    expect(Math.abs(Date.now() / 1_000 - moments[1]!.timestamp)).toBeLessThan(60);
  });

  it('is not taken as answered by somebody who does not have its secret', async () => {
    const key = { realm: 'CIStore', id: 'the-key', secret: Buffer.from('the very secret').toString('base64') };
    const forged = { ...ACCEPTED, headers: { 'x-server-authorization-hmac-sha256': 'Zm9yZ2Vk' } };
    const { db, id, sent } = await start(
      () => new Reports({ sign: { scheme: 'acquia-http-hmac', ...key } }),
      (nth) => (nth === 1 ? forged : ACCEPTED),
    );
    expect(deliveryIn(await endOf(db, id))).toMatchObject({ kind: 'answered' });
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['an address that is none', { url: 'builds' }, 'url'],
    ['one of a file', { url: 'file:///etc/passwd' }, 'url'],
    ['a header with a line break', { headers: { a: 'b\r\nc: d' } }, 'headers.a'],
    ['a body of a GET', { method: 'GET' }, 'a GET has no body'],
  ] as const)('is refused at once when it has %s', async (_what, wrong, said) => {
    const { db, id, sent } = await start(
      () => new Reports(wrong as Partial<OutgoingRequest>),
      () => ACCEPTED,
    );
    const end = await endOf(db, id);
    expect(end).toMatchObject({ exitStatus: 'ERROR_SYSTEM' });
    expect(end.logs.join('\n')).toContain(`The request "report" cannot be sent: ${said}`);
    expect(sent).toEqual([]);
  });
});
