import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { onTestFinished } from 'vitest';
import type { TestDatabase } from './database.ts';

export interface LimitedRole {
  /** Address of the database with this role. */
  readonly url: string;
  /**
   * Limits the number of simultaneous connections. With 0 the role gets the error of a server that has none left
   * (53300).
   */
  setConnections(most: number): Promise<void>;
}

/** Makes a role without connections for the duration of the test. Close its users before the test ends. */
export async function createLimitedRole({ db, url }: TestDatabase): Promise<LimitedRole> {
  const name = `wip_limited_${randomBytes(4).toString('hex')}`;
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  await run(`CREATE ROLE ${name} LOGIN PASSWORD 'limited' CONNECTION LIMIT 0`);
  onTestFinished(async () => {
    await run(`DROP OWNED BY ${name} CASCADE`);
    await run(`DROP ROLE ${name}`);
  });
  await run(`GRANT ALL ON SCHEMA public TO ${name}`);
  await run(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${name}`);
  await run(`GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${name}`);
  return {
    url: Object.assign(new URL(url), { username: name, password: 'limited' }).href,
    setConnections: async (most) => void (await run(`ALTER ROLE ${name} CONNECTION LIMIT ${most}`)),
  };
}
