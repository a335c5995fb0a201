import { sql } from 'kysely';
import { openDatabase } from '../../controlplane/store/database.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import type { Db } from '../../controlplane/store/schema.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { claimTasks } from '../../controlplane/store/tasks/claim-tasks.ts';
import { saveStep } from '../../controlplane/store/tasks/save-step.ts';
import { withServer } from './bench-server.ts';
import { judgeFigure, type Finding } from './measure.ts';
import { processorSecondsOfTree } from './processor-time.ts';

const SIZES = [100, 1_000, 10_000] as const;
// The processor time of the server is known by hundredths of a second, so many rounds are counted together.
const ROUNDS = 600;
const MOST_GROWTH = 1.2;
const CLAIM = { node: 'bench', limit: 64, leaseSeconds: 30, kinds: [{ kind: 'Queued', classVersion: '1' }] };

interface Branches {
  readonly name: string;
  /** The work id of the n-th task. */
  readonly workId: string;
  /** How many may run at once. */
  readonly maxRunning: number;
}

// A full group stops the search before it begins. With room in the group, all that are queued behind one are passed over.
const BRANCHES: readonly Branches[] = [
  { name: 'each its own branch, group full', workId: "'branch ' || n", maxRunning: 1 },
  { name: 'all the same branch, group with room', workId: "'branch'", maxRunning: 10 },
];

/** Measures what the end of a task and the start of the next cost the database, by the length of the queue behind it. */
export async function benchQueue(): Promise<Finding[]> {
  return withServer(async ({ url, pid }) => {
    const { db, close } = openDatabase(url, { poolSize: 2, plansOnce: true });
    try {
      await migrate(db);
      const rows: string[][] = [];
      const judged: Finding[] = [];
      for (const branches of BRANCHES) {
        const costs: number[] = [];
        for (const size of SIZES) {
          await fillQueue(db, branches, size + ROUNDS);
          costs.push(await costOfTurn(db, () => processorSecondsOfTree(pid)));
        }
        rows.push([branches.name, ...costs.map((ms) => `${ms.toFixed(2)} ms`)]);
        judged.push(
          judgeFigure({
            what: `cost of a task with ${SIZES.at(-1)} queued to that with ${SIZES[0]}, ${branches.name}`,
            value: costs.at(-1)! / costs[0]!,
            unit: 'times',
            beside: '',
            atMost: MOST_GROWTH,
          }),
        );
      }
      const title =
        'processor time of the database for the end of a task and the start of the next, by how many are queued';
      return [...judged, { title, columns: ['', ...SIZES.map(String)], rows }];
    } finally {
      await close();
    }
  });
}

async function fillQueue(db: Db, { workId, maxRunning }: Branches, count: number): Promise<void> {
  await sql`TRUNCATE task, group_limit CASCADE`.execute(db);
  await setGroup(db, { name: 'Queued', maxRunning });
  await sql`
    INSERT INTO task (work_id, kind, class_version, title, group_name, priority, options)
    SELECT ${sql.raw(workId)}, 'Queued', '1', 'Queued', 'Queued', 2, '{}' FROM generate_series(1, ${count}) AS n`.execute(
    db,
  );
  await sql`VACUUM ANALYZE task`.execute(db);
}

/** Returns milliseconds of the server's processor time. */
async function costOfTurn(db: Db, serverSeconds: () => number): Promise<number> {
  let [running] = (await claimTasks(db, CLAIM)).tasks;
  const before = serverSeconds();
  for (let round = 0; round < ROUNDS; round += 1) {
    if (!running) throw new Error('no task was started');
    await saveStep(db, running, { next: { kind: 'complete' } });
    [running] = (await claimTasks(db, CLAIM)).tasks;
  }
  return ((serverSeconds() - before) * 1_000) / ROUNDS;
}
