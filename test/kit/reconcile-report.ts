import type { ReconcileReportView } from '../../controlplane/api/state/state-views.ts';

const NONE = { count: 0, containers: [] };

/** Returns the report of a node that found nothing. */
export function reconcileReport(of: Partial<ReconcileReportView> = {}): ReconcileReportView {
  return {
    node: 'node-a',
    at: '2026-01-01T00:00:00.000Z',
    adopted: NONE,
    finished: NONE,
    unowned: NONE,
    unownedAre: 'stopped',
    unknown: NONE,
    unseenClusters: [],
    ...of,
  };
}
