import type { EcsQuotasAnswer } from '../../api/clusters/cluster-views.ts';

type Quota = EcsQuotasAnswer['quotas'][number];

/** A quota with the clusters that share it. */
export interface QuotaRow {
  readonly quota: string;
  readonly clusters: readonly string[];
  /** Whole calls; 0 while calls wait. */
  readonly left: number;
  /** Calls that this node may make at once when none was made for a while. */
  readonly most: number;
  readonly perSecond: number;
  readonly waitedSeconds: number | null;
  /** What is left, from 0 to 1. */
  readonly share: number;
  readonly state: 'enough' | 'low' | 'empty';
}

/** Below this share a burst of launches begins to wait. */
const LOW_SHARE = 0.2;

/**
 * The emptiest first. Clusters of one account and region draw from the same quotas, so equal ones are one row: to the last
 * fraction of a call no two others are equal, and two full ones are equally well.
 */
export function quotaRows(quotas: readonly Quota[], liveNodes: number): QuotaRow[] {
  const rows = new Map<string, { readonly of: Quota; readonly clusters: string[] }>();
  for (const one of quotas) {
    const key = JSON.stringify([one.quota, one.tokens, one.burst, one.perSecond, one.waitedSeconds]);
    const known = rows.get(key);
    if (known) known.clusters.push(one.cluster);
    else rows.set(key, { of: one, clusters: [one.cluster] });
  }
  return [...rows.values()].map(({ of, clusters }) => rowOf(of, clusters, liveNodes)).sort((a, b) => a.share - b.share);
}

function rowOf(
  { quota, tokens, burst, perSecond, waitedSeconds }: Quota,
  clusters: readonly string[],
  liveNodes: number,
): QuotaRow {
  // The nodes share what the account may do in equal parts.
  const nodes = Math.max(1, liveNodes);
  const most = burst / nodes;
  const share = Math.min(1, Math.max(0, tokens / most));
  const state = tokens < 1 ? 'empty' : share < LOW_SHARE ? 'low' : 'enough';
  const left = Math.max(0, Math.floor(tokens));
  const waited = waitedSeconds ?? null;
  return {
    ...{ quota, clusters, left, share, state },
    ...{ most: Math.floor(most), perSecond: perSecond / nodes, waitedSeconds: waited },
  };
}
