import { sql, type Kysely } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Engine } from '../../../controlplane/engine/run/engine.ts';
import { openDatabase } from '../../../controlplane/store/database.ts';
import type { Schema } from '../../../controlplane/store/schema.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import { claimTasks } from '../../../controlplane/store/tasks/claim-tasks.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { useTestDatabases, type TestDatabase } from '../../kit/database/database.ts';
import { addOf, endOf, engineDeps, kindOf, runEngine } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { expireLeases } from '../../kit/database/store.ts';
import { createLimitedRole } from '../../kit/database/limited-role.ts';
import { Wire } from '../../kit/network/wire.ts';

const databases = useTestDatabases();
const task = { uuid: 'u', options: {} };

/** Opens a second connection to the database, which the test can cut. */
async function openWay(database: TestDatabase): Promise<{ wire: Wire; db: Kysely<Schema> }> {
  const { hostname, port } = new URL(database.url);
  const wire = await Wire.start(Number(port), hostname);
  const url = Object.assign(new URL(database.url), { hostname: '127.0.0.1', port: String(wire.port), search: '' }).href;
  const opened = openDatabase(url, { poolSize: 4, applicationName: 'a way that can be cut' });
  onTestFinished(async () => {
    await wire.set('up'); // so that statements under way can end
    await opened.close();
    await wire.close();
  });
  return { wire, db: opened.db };
}

/** Enters a state that is still running when the database goes away. */
class Works extends BasicWip {
  static runs = 0;
  static gate = Promise.withResolvers<void>();
  static started = Promise.withResolvers<void>();

  override getStateTable(): string {
    return 'work {\n  * finish\n  ! failure\n}\nfailure {\n  * finish\n}\n';
  }

  async work(_context: WipContext): Promise<void> {
    Works.runs += 1;
    Works.started.resolve();
    await Works.gate.promise;
  }
}

function prepare(): void {
  Works.runs = 0;
  Works.gate = Promise.withResolvers<void>();
  Works.started = Promise.withResolvers<void>();
}

describe('a database that goes away', () => {
  it('does not fail a task whose step it broke, and the recording says that its state ran again', async () => {
    prepare();
    const database = await databases.fresh();
    const { wire, db } = await openWay(database);
    const engine = runEngine(engineDeps(db, [kindOf('Works', () => new Works(task))]));
    onTestFinished(() => engine.stop());
    const id = await addOf(database.db, 'Works');
    await Works.started.promise;
    await wire.set('reset');
    Works.gate.resolve();
    await wire.set('up');
    const end = await endOf(database.db, id);
    expect(end).toMatchObject({ exitStatus: 'COMPLETED', notes: ['went on'] });
    expect(end.logs.join('\n')).toContain('Node node-1 went on with it, and work was being entered.');
    expect(Works.runs).toBe(2);
    const row = await database.db.selectFrom('task').select('takeovers').executeTakeFirstOrThrow();
    expect(row.takeovers).toBe(0);
  });

  it('does not poison tasks, however often it goes away for longer than their leases', async () => {
    prepare();
    const database = await databases.fresh();
    const ways = await Promise.all([openWay(database), openWay(database)]);
    const kinds = [kindOf('Works', () => new Works(task))];
    const engines = ways.map(({ db }, index) =>
      runEngine(engineDeps(db, kinds, { node: `node-${index}`, leaseSeconds: 1 })),
    );
    onTestFinished(async () => {
      await Promise.all(engines.map((engine) => engine.stop()));
    });
    const id = await addOf(database.db, 'Works');
    await Works.started.promise;
    for (let outage = 0; outage < 4; outage += 1) {
      for (const { wire } of ways) await wire.set('reset');
      await eventually('an expired lease', async () => {
        const { rows } = await leaseOver(database);
        return rows.length > 0;
      });
      for (const { wire } of ways) await wire.set('up');
      await eventually('somebody who holds the task again', async () => {
        const { rows } = await leaseOver(database);
        return rows.length === 0;
      });
    }
    Works.gate.resolve();
    expect(await endOf(database.db, id)).toMatchObject({ exitStatus: 'COMPLETED', cause: null });
  });
});

function leaseOver({ db }: TestDatabase) {
  return sql`SELECT FROM task WHERE status = 1 OR lease_until <= now()`.execute(db);
}

/** Walks through many states. Each one counts in the memory. */
class Walks extends BasicWip {
  static readonly STATES = 3;

  override getStateTable(): string {
    const row = (n: number): string =>
      `s${n} {\n  * ${n + 1 < Walks.STATES ? `s${n + 1}` : 'finish'}\n  ! failure\n}\n`;
    return `start {\n  * s0\n}\n${Array.from({ length: Walks.STATES }, (_, n) => row(n)).join('')}failure {\n  * finish\n}\n`;
  }
}
for (let n = 0; n < Walks.STATES; n += 1) {
  Object.defineProperty(Walks.prototype, `s${n}`, {
    value: async (context: WipContext) => void (context.memory['count'] = Number(context.memory['count'] ?? 0) + 1),
  });
}

const walked = Array.from(
  { length: Walks.STATES },
  (_, n) => `s${n} => '' => ${n + 1 < Walks.STATES ? `s${n + 1}` : 'finish'}`,
);

describe('a database that is in trouble', () => {
  const kinds = [kindOf('Walks', (facts) => new Walks(facts))];

  it('and answers half a second late slows tasks down and does nothing else to them', async () => {
    const database = await databases.fresh();
    const { wire, db } = await openWay(database);
    await wire.set('slow');
    const engine = runEngine(engineDeps(db, kinds));
    onTestFinished(async () => {
      await wire.set('up');
      await engine.stop();
    });
    const end = await endOf(database.db, await addOf(database.db, 'Walks'));
    expect(end).toMatchObject({ exitStatus: 'COMPLETED', notes: [], transcript: ["start => '' => s0", ...walked] });
  });

  it('and fails over again and again, in the middle of transactions, loses and repeats nothing without saying so', async () => {
    const database = await databases.fresh();
    const { db } = await openWay(database);
    await setGroup(database.db, { name: 'Walks', maxRunning: 10 });
    const engine = runEngine(engineDeps(db, kinds));
    onTestFinished(() => engine.stop());
    const ids: number[] = [];
    for (let n = 0; n < 10; n += 1) ids.push(await addOf(database.db, 'Walks'));
    const steps = async (): Promise<number> =>
      (await sql<{ count: number }>`SELECT count(*)::int AS count FROM step`.execute(database.db)).rows[0]!.count;
    for (let failovers = 0; failovers < 6; failovers += 1) {
      const before = await steps();
      await eventually(
        'some step, or the end',
        async () => (await steps()) > before || (await steps()) >= 10 * (Walks.STATES + 2),
      );
      // A server that fails over ends all connections, busy or not. The connection that asks is spared.
      await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
        AND pid <> pg_backend_pid() AND application_name = 'a way that can be cut'`.execute(database.db);
    }
    for (const id of ids) {
      // If the answer to a claim was lost after its commit, the task is claimed again when the lease of 30 s ends.
      const end = await endOf(database.db, id, 60_000);
      expect(end).toMatchObject({ exitStatus: 'COMPLETED', transcript: ["start => '' => s0", ...walked] });
    }
    const memories = await sql<{ count: number }>`SELECT (memory->>'count')::int AS count FROM task`.execute(
      database.db,
    );
    expect(memories.rows.map(({ count }) => count)).toEqual(ids.map(() => Walks.STATES));
    expect(await sql`SELECT FROM task WHERE takeovers > 0`.execute(database.db)).toMatchObject({ rows: [] });
  });

  it('and has no connection left is waited for, and the node says that it is not ready', async () => {
    const database = await databases.fresh();
    const role = await createLimitedRole(database);
    const guest = openDatabase(role.url, { poolSize: 4 });
    const stop = new AbortController();
    const engine = new Engine(engineDeps(guest.db, kinds));
    const running = engine.run(stop.signal);
    onTestFinished(async () => {
      stop.abort();
      await running;
      await guest.close();
    });
    const id = await addOf(database.db, 'Walks');
    await eventually('it says so', () => engine.whyNotReady() !== null);
    expect(engine.whyNotReady()?.reason).toBe('the database has no connection left for this node');
    await role.setConnections(4);
    expect(await endOf(database.db, id)).toMatchObject({ exitStatus: 'COMPLETED', notes: [] });
    expect(engine.whyNotReady()).toBeNull();
  });
});

describe('a node whose connections are all busy', () => {
  it('keeps its task for longer than a lease: renewals do not queue behind queries', async () => {
    prepare();
    const database = await databases.fresh();
    const narrow = openDatabase(database.url, { poolSize: 1 });
    onTestFinished(() => narrow.close());
    const kinds = [kindOf('Works', () => new Works(task))];
    const leaseSeconds = 4;
    const busy = runEngine(engineDeps(narrow.db, kinds, { leaseDb: database.db, leaseSeconds, node: 'busy' }));
    onTestFinished(() => busy.stop());
    const id = await addOf(database.db, 'Works');
    await Works.started.promise;
    const query = sql`SELECT pg_sleep(${leaseSeconds * 2})`.execute(narrow.db);
    const idle = runEngine(engineDeps(database.db, kinds, { leaseSeconds, node: 'idle' }));
    onTestFinished(() => idle.stop());
    await query;
    Works.gate.resolve();
    expect(await endOf(database.db, id)).toMatchObject({ exitStatus: 'COMPLETED', notes: [] });
    expect(Works.runs).toBe(1);
  });
});

describe('a node that is lost', () => {
  const kinds = [{ kind: 'Works', classVersion: '1' }];

  it('is followed by another also where a lease is only a second', async () => {
    prepare();
    Works.gate.resolve();
    const { db } = await databases.fresh();
    const id = await addOf(db, 'Works');
    expect((await claimTasks(db, { node: 'lost', limit: 1, leaseSeconds: 1, kinds })).tasks).toHaveLength(1);
    const engine = runEngine(engineDeps(db, [kindOf('Works', () => new Works(task))], { leaseSeconds: 1 }));
    onTestFinished(() => engine.stop());
    const end = await endOf(db, id);
    expect(end).toMatchObject({ exitStatus: 'COMPLETED', notes: ['took over'] });
    expect(end.logs.join('\n')).toContain('Node node-1 took over from lost.');
  });

  it('as two before it were by the same task is the last: the task is not tried again', async () => {
    prepare();
    const test = await databases.fresh();
    const id = await addOf(test.db, 'Works');
    for (const node of ['first', 'second', 'third']) {
      expect((await claimTasks(test.db, { node, limit: 1, leaseSeconds: 1, kinds })).tasks).toHaveLength(1);
      await expireLeases(test);
    }
    const engine = runEngine(engineDeps(test.db, [kindOf('Works', () => new Works(task))], { leaseSeconds: 1 }));
    onTestFinished(() => engine.stop());
    expect(await endOf(test.db, id)).toMatchObject({
      exitStatus: 'ERROR_SYSTEM',
      cause: 'poison',
      exitMessage: '3 nodes in a row were lost in its first step, so the task is not tried again.',
    });
    expect(Works.runs).toBe(0);
  });
});

describe('a node that was too slow for its lease', () => {
  it('is no sign against the task, for it lives and says so', async () => {
    prepare();
    const test = await databases.fresh();
    const works = [kindOf('Works', () => new Works(task))];
    const engines = [0, 1].map((index) =>
      runEngine(engineDeps(test.db, works, { node: `node-${index}`, leaseSeconds: 2 })),
    );
    onTestFinished(async () => {
      await Promise.all(engines.map((engine) => engine.stop()));
    });
    const id = await addOf(test.db, 'Works');
    await Works.started.promise;
    for (let lost = 1; lost <= 5; lost += 1) {
      await eventually(`takeover ${lost}`, async () => {
        await expireLeases(test); // repeated until a claim comes before the renewal
        for (const engine of engines) engine.wake();
        const { token } = await test.db.selectFrom('task').select('token').executeTakeFirstOrThrow();
        return token > lost;
      });
    }
    Works.gate.resolve();
    expect(await endOf(test.db, id)).toMatchObject({ exitStatus: 'COMPLETED', cause: null });
  });
});
