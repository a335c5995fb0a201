import { sql } from 'kysely';
import type { Db } from '../../controlplane/store/schema.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { judgeFigure, quantile, type Measurement } from './measure.ts';

const LIST_READS = 500;
/** A list that is slower than this on average is read fewer times. */
const LIST_BOUND_MS = 10_000;
const LIST_P99_MS = 50;
/** What a page of the list asks for, and what the dashboard reads at once. */
export const PAGES = [50, 200] as const;

/** Adds tasks as they are when a build has ended, of ten repositories and two ends. */
export async function addEndedTasks(db: Db, count: number): Promise<void> {
  await setGroup(db, { name: 'BuildSteps' });
  await sql`
    INSERT INTO task (uuid, work_id, kind, class_version, title, group_name, priority, options, status, exit_status, exit_message,
      cause, created_at, started_at, completed_at)
    SELECT gen_random_uuid(), 'ended ' || n, 'BuildSteps', '1', 'Build ' || n, 'BuildSteps', 2,
      jsonb_build_object('vcsUri', 'https://git.example/shop/site-' || n % 10, 'vcsPath', 'main'), 3,
      CASE WHEN n % 5 = 0 THEN 3 ELSE 1 END, 'The build ended', 'build-failed',
      now() - n * interval '1 minute', now() - n * interval '1 minute', now() - n * interval '1 minute' + interval '40 s'
    FROM generate_series(1, ${count}) AS n`.execute(db);
  await sql`ANALYZE`.execute(db);
}

export interface ListRead {
  readonly url: string;
  readonly token: string;
  /** Tasks of a page. */
  readonly limit: number;
  /** Tasks that there are. */
  readonly tasks: number;
}

/** Reads pages from all over the list. */
export async function measureList({ url, token, limit, tasks: count }: ListRead): Promise<Measurement> {
  const times: number[] = [];
  const read = async (cursor: number): Promise<void> => {
    const query = new URLSearchParams({ limit: String(limit), cursor: String(cursor) });
    const startedMs = performance.now();
    const answer = await fetch(`${url}/v1/tasks?${query}`, { headers: { authorization: `Bearer ${token}` } });
    const { tasks } = (await answer.json()) as { tasks: unknown[] };
    times.push(performance.now() - startedMs);
    if (tasks.length !== limit) throw new Error(`a page of ${limit} tasks has ${tasks.length}`);
  };
  const cursors = Array.from({ length: LIST_READS }, (_, n) => limit + 1 + ((n * 7919) % (count - limit)));
  for (const cursor of cursors.slice(0, 20)) await read(cursor); // the first ones are compiled and planned
  times.length = 0;
  const endMs = performance.now() + LIST_BOUND_MS;
  for (const cursor of cursors) if (performance.now() < endMs) await read(cursor);
  return judgeFigure({
    what: `list of ${count.toLocaleString('en')} tasks, a page of ${limit}: p99`,
    value: quantile(times, 0.99),
    unit: 'ms',
    beside: `; p50 ${quantile(times, 0.5).toFixed(1)} ms of ${times.length}`,
    atMost: LIST_P99_MS,
  });
}
