import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

// A test makes some rows at most; deleting many would leave a database in which queries are slow and plans are others.
const MOST_ROWS = 2_000;
// A pool that was closed is gone for the server a moment later.
const LEAVE_MS = 500;
const POLL_MS = 5;
const OBJECT_IN_USE = '55006';

/** What a migrated database is before any test has touched it. The copies of one template are all the same. */
export interface PristineDatabase {
  /** A digest of everything that statements of DDL, GRANT and the like change. */
  readonly schema: string;
  readonly tables: readonly string[];
  /** Only a superuser can empty it in any order. */
  readonly isReusable: boolean;
  /** The rows that migrations have made, by their table. */
  readonly rows: Readonly<Record<string, unknown>>;
}

// Columns that VACUUM and ANALYZE change are left out. Objects of the system have numbers below 16384.
const SCHEMA = `
  SELECT md5(concat_ws('|',
    (SELECT string_agg(t::text, ' ' ORDER BY oid) FROM pg_namespace t WHERE nspname !~ '^pg_(toast_)?temp'),
    (SELECT string_agg(concat_ws(' ', oid, relname, relnamespace, relowner, relkind, relnatts, relpersistence, relacl,
      reloptions, relrowsecurity), ' ' ORDER BY oid) FROM pg_class WHERE oid >= 16384),
    (SELECT string_agg(concat_ws(' ', attrelid, attnum, attname, atttypid, attnotnull, atthasdef, attidentity, attisdropped,
      attstorage, attcompression, attacl), ' ' ORDER BY attrelid, attnum) FROM pg_attribute WHERE attrelid >= 16384),
    (SELECT string_agg(t::text, ' ' ORDER BY oid) FROM pg_attrdef t WHERE oid >= 16384),
    (SELECT string_agg(concat_ws(' ', indexrelid, indisvalid, indisunique, indisready), ' ' ORDER BY indexrelid)
      FROM pg_index WHERE indexrelid >= 16384),
    (SELECT string_agg(t::text, ' ' ORDER BY oid) FROM pg_proc t WHERE oid >= 16384),
    (SELECT string_agg(t::text, ' ' ORDER BY oid) FROM pg_trigger t),
    (SELECT string_agg(t::text, ' ' ORDER BY oid) FROM pg_constraint t WHERE oid >= 16384),
    (SELECT string_agg(t::text, ' ' ORDER BY oid) FROM pg_rewrite t WHERE oid >= 16384),
    (SELECT string_agg(t::text, ' ' ORDER BY oid) FROM pg_policy t),
    (SELECT string_agg(t::text, ' ' ORDER BY oid) FROM pg_event_trigger t),
    (SELECT string_agg(t::text, ' ' ORDER BY oid) FROM pg_extension t),
    (SELECT string_agg(t::text, ' ' ORDER BY oid) FROM pg_default_acl t),
    (SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_largeobject_metadata),
    (SELECT string_agg(concat_ws(' ', datallowconn, datconnlimit, datacl), ' ') FROM pg_database
      WHERE datname = current_database()),
    (SELECT string_agg(setconfig::text, ' ') FROM pg_db_role_setting
      WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())))) AS schema`;

/** Reads what a database is that no test has touched. */
export async function readPristine(url: string): Promise<PristineDatabase> {
  return withClient(url, async (client) => {
    const { rows: found } = await client.query<{ name: string }>(
      `SELECT quote_ident(relname) AS name FROM pg_class
       WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY oid`,
    );
    const tables = found.map(({ name }) => name);
    const rows: Record<string, unknown> = {};
    for (const table of tables) {
      const { rows: all } = await client.query<{ rows: unknown }>(`SELECT jsonb_agg(t) AS rows FROM ${table} t`);
      if (all[0]?.rows) rows[table] = all[0].rows;
    }
    const { rows: user } = await client.query<{ isSuper: boolean }>(
      `SELECT rolsuper AS "isSuper" FROM pg_roles WHERE rolname = current_user`,
    );
    return { schema: await readSchema(client), tables, rows, isReusable: user[0]!.isSuper };
  });
}

export type Reuse =
  | { readonly kind: 'ready'; readonly url: string }
  /** Its schema was changed, or it had many rows. It is gone. */
  | { readonly kind: 'dropped' }
  /** Somebody is still connected to it. It is as it was. */
  | { readonly kind: 'in-use' };

/**
 * Gives a database that a test has left another name, and empties it. The new name keeps out a node that a test forgot to
 * stop.
 */
export async function reuseDatabase(
  serverUrl: string,
  name: string,
  newName: string,
  pristine: PristineDatabase,
): Promise<Reuse> {
  return withClient(serverUrl, async (server) => {
    if (!(await isLeft(server, name)) || !(await renamed(server, name, newName))) return { kind: 'in-use' };
    const url = Object.assign(new URL(serverUrl), { pathname: `/${newName}` }).href;
    const isPristine = await withClient(url, async (client) => {
      return (await readSchema(client)) === pristine.schema && (await emptied(client, pristine));
    });
    if (isPristine) return { kind: 'ready', url };
    await server.query(`DROP DATABASE ${newName} WITH (FORCE)`);
    return { kind: 'dropped' };
  });
}

/** Whether nobody is connected to it any more. */
async function isLeft(server: pg.Client, name: string): Promise<boolean> {
  const deadlineMs = performance.now() + LEAVE_MS;
  do {
    const { rows } = await server.query(`SELECT FROM pg_stat_activity WHERE datname = $1`, [name]);
    if (rows.length === 0) return true;
    await delay(POLL_MS);
  } while (performance.now() < deadlineMs);
  return false;
}

/** Renames a database, unless somebody has connected to it since. */
async function renamed(server: pg.Client, name: string, newName: string): Promise<boolean> {
  try {
    await server.query(`ALTER DATABASE ${name} RENAME TO ${newName}`);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === OBJECT_IN_USE) return false;
    throw error;
  }
}

async function readSchema(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ schema: string }>(SCHEMA);
  return rows[0]!.schema;
}

/** Deletes every row, has identities begin at 1 again, and puts back what the migrations have made. */
async function emptied(client: pg.Client, { tables, rows }: PristineDatabase): Promise<boolean> {
  await client.query('BEGIN');
  // Neither foreign keys nor their order count meanwhile. Only a superuser may say so.
  await client.query('SET LOCAL session_replication_role = replica');
  const deletions = tables.map((table, at) => `of_${at} AS (DELETE FROM ${table} RETURNING 1)`);
  const counts = tables.map((_, at) => `(SELECT count(*) FROM of_${at})`);
  const deleted = await client.query<{ count: string }>(
    `WITH ${deletions.join(', ')} SELECT ${counts.join(' + ')} AS count`,
  );
  for (const [table, made] of Object.entries(rows)) {
    await client.query(
      `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1)`,
      [JSON.stringify(made)],
    );
  }
  await client.query(
    `SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace`,
  );
  await client.query('COMMIT');
  return Number(deleted.rows[0]!.count) <= MOST_ROWS;
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
