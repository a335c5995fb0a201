import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { Engine } from '../../../controlplane/engine/run/engine.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addOf, endOf, engineDeps, kindOf } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { createLimitedRole } from '../../kit/database/limited-role.ts';

const databases = useTestDatabases();

interface Trouble {
  readonly what: string;
  readonly reason: string;
  /** Statements for the role: what an operator did, and what he does about it. */
  readonly begin: (role: string) => string;
  readonly end: (role: string) => string;
  /** New connections meet the setting, and those that are open do not. */
  readonly isForNewConnections: boolean;
}

const TROUBLES: readonly Trouble[] = [
  {
    what: 'is read-only, as after a failover',
    reason: 'the database is read-only',
    begin: (role) => `ALTER ROLE ${role} SET default_transaction_read_only = on`,
    end: (role) => `ALTER ROLE ${role} RESET default_transaction_read_only`,
    isForNewConnections: true,
  },
  {
    what: 'allows the user of the node one table less',
    reason: 'the database refuses what this node needs',
    begin: (role) => `REVOKE ALL ON task FROM ${role}`,
    end: (role) => `GRANT ALL ON task TO ${role}`,
    isForNewConnections: false,
  },
  {
    what: 'does not let the user of the node log in',
    reason: 'the database refuses what this node needs',
    begin: (role) => `ALTER ROLE ${role} NOLOGIN`,
    end: (role) => `ALTER ROLE ${role} LOGIN`,
    isForNewConnections: true,
  },
  {
    what: 'got a statement_timeout that no statement can keep',
    reason: 'a time limit of the database ends statements',
    begin: (role) => `ALTER ROLE ${role} SET statement_timeout = '1ms'`,
    end: (role) => `ALTER ROLE ${role} RESET statement_timeout`,
    isForNewConnections: true,
  },
];

/** Is in its state when the trouble begins. */
class Waits extends BasicWip {
  static gate = Promise.withResolvers<void>();
  static started = Promise.withResolvers<void>();

  override getStateTable(): string {
    return 'work {\n  * finish\n  ! failure\n}\nfailure {\n  * finish\n}\n';
  }

  async work(): Promise<void> {
    Waits.started.resolve();
    await Waits.gate.promise;
  }
}

describe('a step whose end cannot be saved because the database', () => {
  it.each(TROUBLES)('$what waits for its operator, and no takeover is counted', async (trouble) => {
    Waits.gate = Promise.withResolvers<void>();
    Waits.started = Promise.withResolvers<void>();
    const database = await databases.fresh();
    const role = await createLimitedRole(database);
    await role.setConnections(8);
    const name = new URL(role.url).username;
    const run = async (text: string): Promise<void> => {
      await sql.raw(text).execute(database.db);
      if (!trouble.isForNewConnections) return;
      await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${name}`.execute(database.db);
    };
    const guest = openDatabase(role.url, { poolSize: 4 });
    const stop = new AbortController();
    const engine = new Engine(
      engineDeps(guest.db, [kindOf('Waits', () => new Waits({ uuid: 'u', options: {} }))], { node: 'node-1' }),
    );
    const running = engine.run(stop.signal);
    onTestFinished(async () => {
      stop.abort();
      await running;
      await guest.close();
    });
    const id = await addOf(database.db, 'Waits');
    await Waits.started.promise;
    await run(trouble.begin(name));
    Waits.gate.resolve();
    await eventually(trouble.reason, () => engine.whyNotReady()?.reason === trouble.reason);
    // Connections that are read-only are replaced by the node itself.
    if (trouble.reason === 'the database is read-only') await sql.raw(trouble.end(name)).execute(database.db);
    else await run(trouble.end(name));
    expect(await endOf(database.db, id, 60_000)).toMatchObject({ exitStatus: 'COMPLETED', cause: null });
    const row = await database.db.selectFrom('task').select('takeovers').executeTakeFirstOrThrow();
    expect(row.takeovers).toBe(0);
  });
});
