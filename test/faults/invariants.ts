import { sql, type Kysely } from 'kysely';
import type { Schema } from '../../controlplane/store/schema.ts';
import { CLASS_ID } from '../../shared/protocol/signals.ts';
import { findContainerViolations } from './container-invariants.ts';
import { listEcsTasks } from './ecs-tasks.ts';
import type { FaultSystem } from './fault-system.ts';
import { isSentOnce } from './reporter.ts';
import { each, lateEach, type Violation } from './violation.ts';

/**
 * The longest a task may continue once its container is gone: the budget of the witnesses, and its own last states.
 */
const END_AFTER_CONTAINER_SECONDS = 1_200;

/** Checks the traces of a schedule in the database, in local ECS, in its agents and in its journal. */
export async function findViolations(system: FaultSystem, canaries: readonly string[]): Promise<Violation[]> {
  const { db } = system.database;
  const found = await Promise.all([
    watched(db),
    endings(db),
    findContainerViolations(system),
    signals(system),
    effects(system),
    deliveries(system),
    families(db),
    repetitions(system),
    lastWords(db),
    secrets(system, canaries),
    groups(db),
  ]);
  return found.flat();
}

async function watched(db: Kysely<Schema>): Promise<Violation[]> {
  const { rows } = await sql<Violation>`SELECT rule, detail FROM violation`.execute(db);
  return [...rows];
}

async function endings(db: Kysely<Schema>): Promise<Violation[]> {
  const unfinished = await sql<{ id: number; status: number; state: string; entering: string }>`
    SELECT id, status, state, entering FROM task WHERE status <> 3 OR exit_status = 0 OR completed_at IS NULL`.execute(
    db,
  );
  const late = await sql<{ id: number; seconds: number }>`
    SELECT task.id, extract(epoch FROM completed_at - max(resolved_at))::float8 AS seconds
    FROM task JOIN container_attempt attempt ON attempt.task_id = task.id AND attempt.number = task.current_attempt
    WHERE attempt.state = 'stopped' GROUP BY task.id
    HAVING completed_at - max(resolved_at) > make_interval(secs => ${END_AFTER_CONTAINER_SECONDS})`.execute(db);
  return [
    ...lateEach('I1', unfinished.rows, (task) => `task ${task.id} has not ended: ${JSON.stringify(task)}`),
    ...lateEach('I2', late.rows, ({ id, seconds }) => `task ${id} ended ${seconds} s after its container`),
  ];
}

async function signals(system: FaultSystem): Promise<Violation[]> {
  const { rows } = await sql<{ key: string; usedAt: Date | null }>`
    SELECT attempt.callback_id || ' ' || signal.webhook_id || ' ' || signal.body_sha256 AS key, used_at
    FROM signal JOIN container_attempt attempt ON attempt.id = signal.attempt_id`.execute(system.database.db);
  const stored = new Set(rows.map(({ key }) => key));
  const lost = system.door.acknowledged.filter(
    (one) => !stored.has(`${one.callbackId} ${one.webhookId} ${one.bodySha256}`),
  );
  // A collector completes only when it has met each of its signals. This query returns those it never met.
  const unmet = await sql<{ id: number; unmet: number }>`
    SELECT task.id, count(*)::int AS unmet FROM task JOIN container_attempt attempt ON attempt.task_id = task.id AND attempt.number = task.current_attempt
    JOIN signal ON signal.attempt_id = attempt.id
    WHERE task.kind = 'Collector' AND signal.class_id = ${CLASS_ID.processComplete} AND signal.consumed_at IS NOT NULL
      AND NOT coalesce(task.memory->'met', '[]') ? (signal.body->>'processId')
    GROUP BY task.id`.execute(system.database.db);
  return [
    ...each('I4', lost, ({ webhookId }) => `the acknowledged signal ${webhookId} is not there`),
    ...each('I4', unmet.rows, (task) => `task ${task.id} never met ${task.unmet} signals that count as consumed`),
  ];
}

async function effects(system: FaultSystem): Promise<Violation[]> {
  const keys = new Map<string, number>();
  const builds = new Map<string, number>();
  for (const { arn, key, body } of system.launcher.started) {
    keys.set(key, (keys.get(key) ?? 0) + 1);
    const words = Array.isArray(body.command) ? body.command : [];
    const isOncePerContainer = words.includes('--event') || words[0] === 'count';
    if (isOncePerContainer) builds.set(`${arn} ${words.join(' ')}`, (builds.get(`${arn} ${words.join(' ')}`) ?? 0) + 1);
  }
  const twice = (counted: Map<string, number>): [string, number][] => [...counted].filter(([, count]) => count > 1);
  return [
    ...each('I5', twice(keys), ([key, count]) => `the process ${key} was started ${count} times`),
    ...each('I5', twice(builds), ([what, count]) => `${what} ran ${count} times`),
  ];
}

/** Checks that a request to deliver arrives as it was first given, and once where it must not be repeated. */
async function deliveries(system: FaultSystem): Promise<Violation[]> {
  const { rows } = await sql<{ key: string; name: string; state: string; taskId: number; left: boolean }>`
    SELECT key, name, state, effect.task_id, outbox.effect_key IS NOT NULL AS left
    FROM effect LEFT JOIN outbox ON outbox.effect_key = effect.key WHERE name LIKE 'report-%'`.execute(
    system.database.db,
  );
  const bodies = (key: string): readonly string[] => system.receiver.received.get(key) ?? [];
  const said = ({ taskId, name, state, key }: (typeof rows)[number]): string =>
    `${name} of task ${taskId} is ${state} and came ${bodies(key).length} times`;
  const known = new Set(rows.map(({ key }) => key));
  return [
    ...each(
      'I4',
      rows.filter(({ left, state }) => left || state === 'intended'),
      (row) => `${said(row)}; it is not settled`,
    ),
    ...each(
      'I4',
      rows.filter(({ state, key }) => state === 'answered' && bodies(key).length === 0),
      said,
    ),
    ...each(
      'I5',
      rows.filter(({ name, key }) => isSentOnce(name) && bodies(key).length > 1),
      said,
    ),
    ...each(
      'I5',
      rows.filter(({ key }) => new Set(bodies(key)).size > 1),
      (row) => `${said(row)}, with other bodies`,
    ),
    ...each(
      'I5',
      [...system.receiver.received.keys()].filter((key) => !known.has(key)),
      (key) => `${key} came and was never intended`,
    ),
  ];
}

/** Checks that a parent adds each child once, and that children it waits for end before it. */
async function families(db: Kysely<Schema>): Promise<Violation[]> {
  const { rows } = await sql<{ id: number; children: number; added: number; before: number }>`
    SELECT parent.id, (parent.options->>'children')::int AS children, count(child.id)::int AS added,
      count(*) FILTER (WHERE child.completed_at <= parent.completed_at)::int AS before
    FROM task parent LEFT JOIN task child ON child.parent_id = parent.id AND child.created_at >= parent.started_at
    WHERE parent.kind = 'Parent' AND parent.exit_status = 4 AND NOT (parent.options->>'leaves')::boolean
    GROUP BY parent.id`.execute(db);
  return each(
    'I5',
    rows.filter(({ children, added, before }) => added !== children || before !== children),
    ({ id, children, added, before }) => `task ${id} added ${added} of ${children} children, ${before} ended before it`,
  );
}

/**
 * Checks that the recording has no holes. A state's method may run again for one entry, and then the recording says
 * so.
 */
async function repetitions(system: FaultSystem): Promise<Violation[]> {
  const runs = new Map<string, number>();
  for (const line of await system.readJournal()) {
    const [task = '', entry = ''] = line.split(' ');
    runs.set(`${task} ${entry}`, (runs.get(`${task} ${entry}`) ?? 0) + 1);
  }
  const { rows } = await sql<{
    taskId: number;
    entry: number;
    fromState: string | null;
    executed: boolean;
    note: string | null;
  }>`
    SELECT task_id, entry, from_state, executed, note FROM step ORDER BY task_id, id`.execute(system.database.db);
  const confessed = new Set(rows.filter(({ note }) => note !== null).map(({ taskId, entry }) => `${taskId} ${entry}`));
  const logged = await sql<{ taskId: number }>`
    SELECT DISTINCT task_id FROM task_log WHERE message LIKE '%It is run again%' OR message LIKE '%were lost in the state%'`.execute(
    system.database.db,
  );
  const interrupted = new Set(logged.rows.map(({ taskId }) => String(taskId)));
  const restarted = await sql<{ subject: string }>`SELECT subject FROM audit WHERE action = 'restart'`.execute(
    system.database.db,
  );
  const wasRestarted = new Set(restarted.rows.map(({ subject }) => subject.replace('task/', '')));
  const silent = [...runs].filter(([key, count]) => {
    const [task = '', entry = ''] = key.split(' ');
    // A repeated state that threw leaves no row of its own. The row of the state it led to records the repetition.
    const isConfessed = confessed.has(`${task} ${entry}`) || confessed.has(`${task} ${Number(entry) + 1}`);
    return count > 1 && !isConfessed && !interrupted.has(task) && !wasRestarted.has(task);
  });
  const twice = new Map<string, number>();
  for (const { taskId, entry, executed } of rows)
    if (executed) twice.set(`${taskId} ${entry}`, (twice.get(`${taskId} ${entry}`) ?? 0) + 1);
  return [
    ...each(
      'I5',
      silent,
      ([key, count]) => `task and entry ${key} ran ${count} times and the recording does not say so`,
    ),
    ...each(
      'I5',
      [...twice].filter(([, count]) => count > 1),
      ([key]) => `task and entry ${key} are recorded twice`,
    ),
  ];
}

async function lastWords(db: Kysely<Schema>): Promise<Violation[]> {
  const { rows } = await sql<{ attemptId: number }>`
    SELECT output.attempt_id FROM signal output JOIN signal exit USING (attempt_id)
    WHERE output.class_id = ${CLASS_ID.output} AND exit.class_id = ${CLASS_ID.exit} AND exit.id < output.id`.execute(
    db,
  );
  return each('I6', rows, ({ attemptId }) => `the exit of attempt ${attemptId} was visible before its output`);
}

/** Checks everything that a person could read: the database, the API, ECS, and the logs of the nodes. */
async function secrets(system: FaultSystem, canaries: readonly string[]): Promise<Violation[]> {
  const { db } = system.database;
  const tables = await sql<{ name: string }>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()`.execute(db);
  const places: [string, string][] = [];
  for (const { name } of tables.rows) {
    const { rows } = await sql<{ text: string | null }>`
      SELECT string_agg(t::text, ' ') AS text FROM ${sql.raw(`"${name}"`)} t`.execute(db);
    places.push([`the table ${name}`, rows[0]?.text ?? '']);
  }
  const tasks = await db.selectFrom('task').select('id').execute();
  for (const { id } of tasks) {
    for (const part of ['', '/logs', '/transcript']) {
      const answer = await system.call('GET', `/v1/tasks/${id}${part}`).catch((error: unknown) => String(error));
      places.push([`the API's task ${id}${part}`, JSON.stringify(answer)]);
    }
  }
  places.push(
    ['what ECS shows', JSON.stringify(await listEcsTasks(system))],
    ['the nodes’ logs', await system.readNodeLog()],
  );
  const shapes = canaries.flatMap((canary) => [
    canary,
    Buffer.from(canary).toString('base64').replace(/=+$/, ''),
    Buffer.from(canary).toString('hex'),
  ]);
  return each(
    'I7',
    places.filter(([, text]) => shapes.some((shape) => text.includes(shape))),
    ([place]) => `a secret is in ${place}`,
  );
}

async function groups(db: Kysely<Schema>): Promise<Violation[]> {
  const { rows } = await sql<{ name: string; running: number }>`
    SELECT name, running FROM group_limit WHERE running <>
      (SELECT count(*) FROM task WHERE group_name = name AND slot = 'own' AND status IN (1, 2, 4))`.execute(db);
  return each('I8', rows, ({ name, running }) => `the group ${name} counts ${running} tasks that are not there`);
}
