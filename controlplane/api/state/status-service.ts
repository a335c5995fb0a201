import { confirmRestored, readRestored } from '../../store/operation/restored.ts';
import { summariseTasks, type TaskCount } from '../../store/operation/summarise-tasks.ts';
import type { Db } from '../../store/schema.ts';
import { liveNodes, readNodeLeases, type NodeLeases, type NodeRow } from '../../store/settings/nodes.ts';
import { countByStatus } from '../../store/tasks/read-tasks.ts';
import type { VisibleTasks } from '../../store/tasks/task-conditions.ts';
import { auditInto } from '../audit/audited.ts';
import { pausesView } from './pause-service.ts';
import { maintenanceView } from './maintenance-service.ts';
import {
  ReconcileReportView,
  type ConnectionStatus,
  type GroupSummary,
  type RestoredAnswer,
  type WakesView,
} from './state-views.ts';

/** Tells the state of the installation as a whole. */
export interface StatusService {
  readStatus(): Promise<Omit<ConnectionStatus, 'service' | 'now'>>;
  /** Counts the tasks that are `visible`; undefined: all tasks. */
  summariseTasks(visible: VisibleTasks | undefined): Promise<readonly GroupSummary[]>;
  /** Returns null unless the database came from a dump and nobody has confirmed it. */
  readRestored(): Promise<RestoredAnswer['restored']>;
  confirmRestored(by: string): Promise<void>;
  /** The start report of each living node that has finished its comparison. */
  listStartReports(): Promise<readonly ReconcileReportView[]>;
  /** Compares the record with ECS now. Changes what ECS says has changed, and stops nothing. */
  reconcile(by: string): Promise<ReconcileReportView>;
}

export interface StatusServiceDeps {
  readonly db: Db;
  readonly node: string;
  readonly version: string;
  /** A node whose last heartbeat is older does not count as living. */
  readonly nodeLiveSeconds: number;
  readonly reconcile: () => Promise<ReconcileReportView>;
  /** Returns null before this node has claimed a woken task. */
  readonly readWakes: () => WakesView | null;
}

export function createStatusService({
  db,
  node,
  version,
  nodeLiveSeconds,
  reconcile,
  readWakes,
}: StatusServiceDeps): StatusService {
  const audited = auditInto(db);
  return {
    readStatus: async () => {
      const [tasks, pauses, maintenance, nodes, leases] = await Promise.all([
        countByStatus(db),
        pausesView(db),
        maintenanceView(db),
        liveNodes(db, nodeLiveSeconds),
        readNodeLeases(db),
      ]);
      const views = nodes.map((one) => nodeView(one, leases.get(one.name)));
      return { version, node, tasks, pauses, maintenance, nodes: views, wakes: readWakes() };
    },
    summariseTasks: async (visible) => summariesOf(await summariseTasks(db, visible)),
    readRestored: () => readRestored(db),
    confirmRestored: async (by) => {
      await confirmRestored(db);
      await audited(by, 'confirm-restore', 'database');
    },
    listStartReports: async () =>
      (await liveNodes(db, nodeLiveSeconds)).flatMap(({ startReport }) =>
        startReport === null ? [] : ReconcileReportView.parse(startReport),
      ),
    reconcile: async (by) => {
      const report = await reconcile();
      await audited(by, 'reconcile', 'containers');
      return report;
    },
  };
}

function nodeView(
  { name, version, startedAt, seenAt, clockOffsetMs }: NodeRow,
  leases: NodeLeases | undefined,
): ConnectionStatus['nodes'][number] {
  return {
    name,
    version,
    startedAt: startedAt.toISOString(),
    seenAt: seenAt.toISOString(),
    tasksHeld: leases?.held ?? 0,
    shortestLeaseSeconds: leases?.shortestSeconds ?? null,
    clockOffsetMs,
  };
}

function summariesOf(counts: readonly TaskCount[]): GroupSummary[] {
  const groups = new Map<string, GroupSummary>();
  for (const { group, status, exitStatus, cause, count } of counts) {
    const summary = groups.get(group) ?? { group, statuses: {}, exits: {}, causes: {} };
    groups.set(group, summary);
    summary.statuses[status] = (summary.statuses[status] ?? 0) + count;
    if (status !== 'COMPLETE') continue;
    summary.exits[exitStatus] = (summary.exits[exitStatus] ?? 0) + count;
    if (cause !== null) summary.causes[cause] = (summary.causes[cause] ?? 0) + count;
  }
  return [...groups.values()];
}
