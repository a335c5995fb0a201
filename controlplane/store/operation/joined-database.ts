import { sql, type Kysely } from 'kysely';
import { DatabaseReplacedError, NoInstallationError } from '../database-trouble.ts';
import type { Schema } from '../schema.ts';
import { isSameDatabase, readIdentity, type AskRows, type DatabaseIdentity } from './database-identity.ts';

interface Joined extends DatabaseIdentity {
  readonly installation: string;
}

const INSTALLATION = `SELECT value #>> '{}' AS id FROM setting WHERE name = 'installationId'`;

/**
 * The database that a node has joined. While the node runs, the name of the server can begin to lead to another database: an
 * empty one, that of another installation, or one restored from a backup. What the node knows of the first is wrong there: it
 * would stop containers that the other does not know, and give numbers of tasks again. So no statement of the node reaches it.
 */
export class JoinedDatabase {
  readonly #onReplaced: (why: string) => void;
  #joined: Joined | null = null;
  #isTold = false;

  /** `onReplaced` is called once when there is another database: the node must end, and may join that one at its next start. */
  constructor(onReplaced: (why: string) => void) {
    this.#onReplaced = onReplaced;
  }

  /** Remembers the database, to which every connection must lead from now on. */
  async join(db: Kysely<Schema>): Promise<void> {
    this.#joined = await read(askOn(db));
  }

  /** Asks whether this is the database that was joined, if one was. Throws DatabaseReplacedError or NoInstallationError. */
  async check(ask: AskRows): Promise<void> {
    const joined = this.#joined;
    if (joined === null) return;
    const now = await read(ask);
    if (now.installation === joined.installation && isSameDatabase(joined, now)) return;
    const error = new DatabaseReplacedError(
      now.installation === joined.installation ? 'a copy' : 'another installation',
    );
    if (!this.#isTold) this.#onReplaced(error.message);
    this.#isTold = true;
    throw error;
  }

  /** The same, on a connection of the pool: one stays open where the tables were replaced within the database. */
  async checkPool(db: Kysely<Schema>): Promise<void> {
    await this.check(askOn(db));
  }
}

async function read(ask: AskRows): Promise<Joined> {
  const [row] = (await ask(INSTALLATION)) as { id: string }[];
  if (!row) throw new NoInstallationError();
  return { ...(await readIdentity(ask)), installation: row.id };
}

function askOn(db: Kysely<Schema>): AskRows {
  return async (text) => (await sql.raw(text).execute(db)).rows;
}
