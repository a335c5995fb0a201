import type { EcsSnapshot } from '../../containers/container.ts';
import { parseStartedBy } from '../../containers/started-by.ts';
import { attemptsToReconcile, listOwnedAttempts } from '../../store/attempts/find-attempt.ts';
import { readRestored } from '../../store/operation/restored.ts';
import type { AttemptRow } from '../../store/schema.ts';
import { saveStartReport } from '../../store/settings/nodes.ts';
import { isOwned } from './decide-reap.ts';
import { observe, type SweepDeps } from './sweep-containers.ts';

interface ReconciledContainer {
  readonly task: number;
  readonly attempt: number;
  /** Null while ECS has not said which container it is. */
  readonly arn: string | null;
  /** Name of the cluster in Wip. */
  readonly cluster: string;
}

interface Reconciled {
  readonly count: number;
  /** At most LISTED of them. */
  readonly containers: readonly ReconciledContainer[];
}

/** What a node found of the installation's containers when it compared its record with ECS. */
export interface ReconcileReport {
  readonly node: string;
  readonly at: string;
  /** Containers that run, each with an attempt that owns it. */
  readonly adopted: Reconciled;
  /** Containers that ended since the record was last brought up to date. */
  readonly finished: Reconciled;
  /** Containers of this installation that no attempt owns; `unownedAre` says what becomes of them. */
  readonly unowned: Reconciled;
  readonly unownedAre: 'stopped' | 'reported';
  /** Containers about which ECS gave no answer, and launches that it has not answered yet. */
  readonly unknown: Reconciled;
  /** Clusters whose tasks could not be listed, so that unowned ones there are not seen. */
  readonly unseenClusters: readonly string[];
}

/** Ids are for people. Beyond this number the count is enough, and the report stays a small row. */
const LISTED = 200;

/**
 * Compares the record with ECS: asks about every container that may still run, notes what has changed, and looks for
 * containers without an owner. Those are only reported here; the sweep stops them after it has seen them for a minute.
 */
async function reconcile(deps: SweepDeps, attempts: readonly AttemptRow[]): Promise<ReconcileReport> {
  const snapshots = await describeAttempts(deps, attempts);
  const all = (wanted: Kind): AttemptRow[] =>
    attempts.filter((attempt) => kindOf(snapshots.get(attempt.id) ?? null) === wanted);
  const { unowned: listed, unseenClusters } = await findUnowned(deps);
  const owned = await listOwnedAttempts(deps.db);
  const [adopted, left] = partition(
    all('adopted'),
    ({ arn, taskId, number }) =>
      !listed.has(arn ?? '') && isOwned({ arn: arn ?? '', attempt: { taskId, number } }, owned),
  );
  // A container of a task that is complete is in the record and in the list of ECS, and is one container.
  const unowned = new Map([...listed, ...left.map((attempt) => [attempt.arn ?? '', containerOf(attempt)] as const)]);
  return {
    node: deps.node,
    at: deps.clock.now().toISOString(),
    adopted: listOf(adopted.map(containerOf)),
    finished: listOf(all('finished').map(containerOf)),
    unowned: listOf([...unowned.values()]),
    unownedAre: (await readRestored(deps.db)) ? 'reported' : 'stopped',
    unknown: listOf(all('unknown').map(containerOf)),
    unseenClusters,
  };
}

/** Reconciles the present record with ECS. */
export async function reconcileNow(deps: SweepDeps): Promise<ReconcileReport> {
  return reconcile(deps, await attemptsToReconcile(deps.db));
}

/**
 * Reports what this start found, in the log and beside the node's row. `attempts` were read before the node touched a task,
 * because attempts that end in the meantime would be missing later. A failure is only logged, because the sweep checks everything
 * anyway.
 */
export async function reportStart(deps: SweepDeps, attempts: readonly AttemptRow[]): Promise<void> {
  try {
    const report = await reconcile(deps, attempts);
    await saveStartReport(deps.db, deps.node, report);
    const { adopted, finished, unowned, unownedAre, unknown, unseenClusters } = report;
    deps.log.info(
      {
        adopted: adopted.count,
        finished: finished.count,
        unowned: unowned.count,
        unownedAre,
        unknown: unknown.count,
        unseenClusters,
        containers: { finished: arnsOf(finished), unowned: arnsOf(unowned), unknown: arnsOf(unknown) },
      },
      'containers of the installation at this start',
    );
  } catch (error) {
    if (deps.outage.note(error, 'reconciling')) return;
    deps.log.warn({ err: error }, 'comparing the record with ECS failed');
  }
}

type Kind = 'adopted' | 'finished' | 'unknown';

function kindOf(snapshot: EcsSnapshot | null): Kind {
  if (snapshot?.kind !== 'seen') return 'unknown';
  return snapshot.lastStatus === 'STOPPED' ? 'finished' : 'adopted';
}

function containerOf({ taskId, number, arn, cluster }: AttemptRow): ReconciledContainer {
  return { task: taskId, attempt: number, arn, cluster };
}

function listOf(containers: readonly ReconciledContainer[]): Reconciled {
  return { count: containers.length, containers: containers.slice(0, LISTED) };
}

function arnsOf({ containers }: Reconciled): (string | null)[] {
  return containers.map(({ arn }) => arn);
}

type Launched = AttemptRow & { readonly arn: string };

/** Asks ECS about each attempt that has a container, and saves the changes. */
async function describeAttempts(
  deps: SweepDeps,
  attempts: readonly AttemptRow[],
): Promise<ReadonlyMap<number, EcsSnapshot>> {
  const launched = attempts.filter((attempt): attempt is Launched => attempt.arn !== null);
  const clusters = Map.groupBy(launched, ({ cluster, location }) => JSON.stringify([cluster, location]));
  const found = new Map<number, EcsSnapshot>();
  await Promise.all(
    [...clusters.values()].map(async (together) => {
      try {
        const { ecs } = await deps.clusters.openOf(together[0]!);
        await Promise.all(
          together.map(async (attempt) => {
            const snapshot = await ecs.describe(attempt.arn, 'fresh');
            found.set(attempt.id, snapshot);
            await observe(deps, attempt, snapshot);
          }),
        );
      } catch (error) {
        // Its containers are unknown to this report. The sweep logs why, at each of its rounds.
        deps.outage.note(error, 'reconciling');
      }
    }),
  );
  return found;
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [first: T[], second: T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

interface Unowned {
  readonly unowned: ReadonlyMap<string, ReconciledContainer>;
  readonly unseenClusters: string[];
}

async function findUnowned(deps: SweepDeps): Promise<Unowned> {
  const unowned = new Map<string, ReconciledContainer>();
  const unseenClusters: string[] = [];
  for (const { name, open } of await deps.clusters.list()) {
    try {
      const running = await (await open()).listRunning();
      // Read after ECS has listed its tasks: an attempt is committed before its launch.
      const owned = await listOwnedAttempts(deps.db);
      for (const { arn, startedBy } of running) {
        const attempt = parseStartedBy(startedBy, deps.installationId);
        if (!attempt || isOwned({ arn, attempt }, owned)) continue;
        unowned.set(arn, { task: attempt.taskId, attempt: attempt.number, arn, cluster: name });
      }
    } catch (error) {
      deps.outage.note(error, 'reconciling');
      unseenClusters.push(name);
    }
  }
  return { unowned, unseenClusters };
}
