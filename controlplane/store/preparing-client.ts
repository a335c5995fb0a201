import pg from 'pg';
import { databaseTrouble, isStalePlan, LateAnswerError } from './database-trouble.ts';

// This program has some hundred statements. The limit keeps texts of ever different lengths from filling the server's memory.
const MAX_PREPARED = 300;
// A statement that runs a few times in a node's life is not worth a plan that each connection keeps.
const PREPARED_FROM = 3;

interface Known {
  uses: number;
  name: string | null;
}

/** Names of statements by their text, the same for all connections of a pool. */
class StatementNames {
  readonly #known = new Map<string, Known>();
  #named = 0;

  /** Returns the statement's name from its third use on; null before that, and when there are enough names. */
  nameOf(text: string): string | null {
    let statement = this.#known.get(text);
    if (!statement) {
      if (this.#known.size >= MAX_PREPARED && !this.#forgetRareOne()) return null;
      statement = { uses: 0, name: null };
      this.#known.set(text, statement);
    }
    statement.uses += 1;
    if (statement.name === null && statement.uses >= PREPARED_FROM) statement.name = this.#newName();
    return statement.name;
  }

  /** Gives the statement another name, so that it is planned anew. */
  rename(text: string, from: string): void {
    const statement = this.#known.get(text);
    if (statement?.name === from) statement.name = this.#newName();
  }

  /** Forgets a text without a name: a text that came once or twice must not displace a frequent one. */
  #forgetRareOne(): boolean {
    for (const [text, { name }] of this.#known) if (name === null) return this.#known.delete(text);
    return false;
  }

  #newName(): string {
    this.#named += 1;
    return `wip_${this.#named}`;
  }
}

export interface PreparingOptions {
  /** A statement without an answer for this long ends its connection; undefined: no limit. */
  readonly limitMs?: number | undefined;
}

type Query = (query: { name?: string; text: string; values: unknown[] }) => Promise<pg.QueryResult>;

/**
 * Returns the class of a pool's connections. They prepare statements that are repeated, because planning a claim takes four times
 * as long as running it. A migration that adds a column makes the plan of a `RETURNING task.*` stale, once for each statement.
 * The statement is then planned anew, except within a transaction, which that error has ended (see retryConflicts).
 *
 * When a server hangs, or disappears without closing the connection, as in a failover to another machine, TCP reports it only
 * after a quarter of an hour. A limit ends the connection earlier, and the pool opens another one.
 *
 * A server that has become a standby keeps its connections, while its name leads to the new primary already. So a
 * connection that refuses to write is not used again. Nor is one that lacks the tables: they may be those of another
 * installation when they come back, and only new connections are checked (JoinedDatabase).
 */
export function preparingClient({ limitMs }: PreparingOptions = {}): typeof pg.Client {
  const names = new StatementNames();
  return class PreparingClient extends pg.Client {
    // pg overloads `query` for callbacks and streams; kysely calls it with a text and values, and waits for the promise.
    override query = ((...call: unknown[]): unknown => {
      const [text, values] = call;
      if (call.length !== 2 || typeof text !== 'string' || !Array.isArray(values)) return this.#send(...call);
      return this.#prepared(text, values);
    }) as pg.Client['query'];

    readonly #unbounded = super.query.bind(this) as (...call: unknown[]) => unknown;

    #send(...call: unknown[]): unknown {
      const answer = this.#unbounded(...call);
      return answer instanceof Promise ? this.#watched(answer) : answer;
    }

    #isSpent = false;

    /** Ends the connection when the answer is late, and after the transaction in which the server refused to write or lacked a table. */
    async #watched(answer: Promise<unknown>): Promise<unknown> {
      const timer = limitMs === undefined ? undefined : setTimeout(() => this.#endLate(limitMs), limitMs);
      try {
        return await answer;
      } catch (error) {
        const trouble = databaseTrouble(error);
        this.#isSpent ||= trouble === 'read-only' || trouble === 'no-schema';
        throw error;
      } finally {
        clearTimeout(timer);
        // The end of a connection that has ended already fails, and changes nothing.
        if (this.#isSpent && this.getTransactionStatus() === 'I') void this.end().catch(() => undefined);
      }
    }

    #endLate(afterMs: number): void {
      this.connection.stream.destroy(new LateAnswerError(afterMs));
    }

    async #prepared(text: string, values: unknown[]): Promise<pg.QueryResult> {
      const send: Query = (query) => this.#send(query) as ReturnType<Query>;
      // Several commands in one text, as migrations have, cannot be prepared; they have no values.
      const name = values.length === 0 && text.includes(';') ? null : names.nameOf(text);
      if (name === null) return send({ text, values });
      try {
        return await send({ name, text, values });
      } catch (error) {
        if (!isStalePlan(error)) throw error;
        names.rename(text, name);
        if (this.getTransactionStatus() !== 'I') throw error;
        return send({ text, values });
      }
    }
  };
}
