import pg from 'pg';
import { CONNECTIONS, type StartContestant } from './contestant.ts';

const TABLE = 'CREATE TABLE job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lane integer NOT NULL)';
const SEND = 'WITH job AS (INSERT INTO job (lane) VALUES ($1) RETURNING 1) SELECT pg_notify($2, NULL) FROM job';
const TAKE =
  'DELETE FROM job WHERE id = (SELECT id FROM job ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING lane';
const CHANNEL = 'job';

/**
 * The smallest possible queue: a row, a hint, and a transaction that holds the row's lock while its work runs. It has
 * no states, waits, retries or history, so it is the lower bound and no alternative.
 */
export const startSkipLocked: StartContestant = async ({ url, concurrency, hear }) => {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  const listening = new pg.Client({ connectionString: url });
  await pool.query(TABLE);
  await listening.connect();
  await listening.query(`LISTEN ${CHANNEL}`);
  const working = new Set<Promise<void>>();
  let isClosing = false;
  listening.on('notification', () => {
    if (isClosing || working.size >= concurrency) return;
    const work = workUntilEmpty().finally(() => working.delete(work));
    working.add(work);
  });

  async function workUntilEmpty(): Promise<void> {
    while (await workOne());
  }

  async function workOne(): Promise<boolean> {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      const { rows } = await client.query<{ lane: number }>({ name: 'take', text: TAKE });
      const lane = rows[0]?.lane;
      if (lane !== undefined) hear(lane);
      await client.query('COMMIT');
      return lane !== undefined;
    } finally {
      client.release();
    }
  }

  return {
    send: async (lane) => void (await pool.query({ name: 'send', text: SEND, values: [lane, CHANNEL] })),
    async close() {
      isClosing = true;
      await Promise.all(working);
      await listening.end();
      await pool.end();
    },
  };
};
