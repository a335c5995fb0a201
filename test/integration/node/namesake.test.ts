import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { MasterKeys } from '../../../controlplane/keys/master-keys.ts';
import { Namesake } from '../../../controlplane/node/namesake.ts';
import { keepNodeAlive } from '../../../controlplane/node/node-presence.ts';
import { DatabaseOutage } from '../../../controlplane/store/database-outage.ts';
import { JoinedDatabase } from '../../../controlplane/store/operation/joined-database.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { liveNodes } from '../../../controlplane/store/settings/nodes.ts';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { useTestDatabases } from '../../kit/database/database.ts';

const databases = useTestDatabases();
const KEY = randomBytes(32);

/** A process that calls itself "n". It says that it lives when it is told to, and its time stands still meanwhile. */
class NamedProcess {
  readonly namesake: Namesake;
  readonly #lines: string[] = [];
  readonly #stop = new AbortController();
  readonly #living: Promise<void>;
  #passedMs = 0;
  #asleep = Promise.withResolvers<void>();
  #next = Promise.withResolvers<void>();

  constructor(db: Db) {
    const clock: Clock = {
      now: () => systemClock.now(),
      monotonicMs: () => this.#passedMs,
      sleep: async () => {
        this.#asleep.resolve();
        await this.#next.promise;
      },
    };
    const log = createLogger('test', 'error', { write: (line: string) => void this.#lines.push(line) });
    this.namesake = new Namesake(clock);
    const presence = {
      node: { name: 'n', version: '1' },
      keys: new MasterKeys(KEY, []),
      namesake: this.namesake,
      joined: new JoinedDatabase(() => undefined),
      ...{ db, clock, log, outage: new DatabaseOutage(log, clock), onCount: () => undefined },
    };
    this.#living = keepNodeAlive(presence, this.#stop.signal);
  }

  get alerts(): number {
    return this.#lines.filter((line) => line.includes('ALERT: another process goes by the name of this node')).length;
  }

  /** Waits until the heartbeat that is under way was made. */
  async beaten(): Promise<this> {
    await this.#asleep.promise;
    return this;
  }

  /** The next heartbeat, so many seconds after the last. */
  async beat(seconds = 10): Promise<void> {
    this.#passedMs += seconds * 1_000;
    this.#asleep = Promise.withResolvers<void>();
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers<void>();
    resolve();
    await this.beaten();
  }

  async end(): Promise<void> {
    this.#stop.abort();
    this.#next.resolve();
    await this.#living;
  }
}

/** When the process of the row was last heard. */
const heardAt = async (db: Db): Promise<string | undefined> =>
  (await sql<{ at: string }>`SELECT seen_at::text AS at FROM node`.execute(db)).rows[0]?.at;

const namesOf = async (db: Db): Promise<string[]> => (await liveNodes(db, 35)).map(({ name }) => name);

describe('two processes with the name of one node', () => {
  it('see each other, and say so once', async () => {
    const { db } = await databases.fresh();
    const [first, second] = [await new NamedProcess(db).beaten(), await new NamedProcess(db).beaten()];
    for (let beats = 0; beats < 3; beats += 1) {
      await first.beat();
      await second.beat();
    }
    expect([first.alerts, second.alerts]).toEqual([1, 1]);
    expect([first.namesake.isThere, second.namesake.isThere]).toEqual([true, true]);
    await first.end();
    await second.end();
  });

  it.each(['first', 'second'] as const)('do not take each other away when the %s ends', async (which) => {
    const { db } = await databases.fresh();
    const both = { first: await new NamedProcess(db).beaten(), second: await new NamedProcess(db).beaten() };
    await both.first.beat();
    await both.second.beat();
    const other = which === 'first' ? both.second : both.first;
    await both[which].end();
    expect(await namesOf(db)).toEqual(['n']);
    await other.beat();
    await other.beat(40);
    expect(other.namesake.isThere).toBe(false);
    await other.end();
    expect(await namesOf(db)).toEqual([]);
  });

  it('do not take each other away when the one ends before it has seen that the other started', async () => {
    const { db } = await databases.fresh();
    const before = await new NamedProcess(db).beaten();
    const after = await new NamedProcess(db).beaten();
    await before.end();
    expect(await namesOf(db)).toEqual(['n']);
    await after.beat();
    await after.end();
    expect(await namesOf(db)).toEqual([]);
  });

  it('do not take each other away when the second ends as soon as it has started', async () => {
    const { db } = await databases.fresh();
    const living = await new NamedProcess(db).beaten();
    const brief = await new NamedProcess(db).beaten();
    await brief.end();
    expect(await namesOf(db)).toEqual(['n']);
    await living.end();
  });

  it('leave no row for 35 s when the first was killed and the second ends within 10 s', async () => {
    const { db } = await databases.fresh();
    const killed = await new NamedProcess(db).beaten();
    await sql`UPDATE node SET seen_at = now() - interval '30 s'`.execute(db);
    const lastWord = await heardAt(db);
    const brief = await new NamedProcess(db).beaten();
    expect(await heardAt(db)).not.toBe(lastWord);
    await brief.end();
    expect(await heardAt(db)).toBe(lastWord);
    await killed.end();
  });

  it('see each other also when the second was there between two heartbeats of the first', async () => {
    const { db } = await databases.fresh();
    const first = await new NamedProcess(db).beaten();
    await (await new NamedProcess(db).beaten()).end();
    await first.beat();
    expect([first.alerts, await namesOf(db)]).toEqual([1, ['n']]);
    await first.end();
  });

  it('are none when one was killed and started again', async () => {
    const { db } = await databases.fresh();
    const killed = await new NamedProcess(db).beaten();
    const again = await new NamedProcess(db).beaten();
    await again.beat();
    expect([again.alerts, again.namesake.isThere]).toEqual([0, false]);
    await again.end();
    await killed.end();
  });
});
