import type { DefinitionFinding } from '../containers/rules/definition-finding.ts';
import { LaunchSettings } from '../ecs/config/cluster.ts';
import { findSizeFaults, type CompositionParts } from '../ecs/definition/task-definition.ts';
import type { ListedCluster } from '../store/clusters/list-clusters.ts';
import type { BasicWip } from '../tasks/basic-wip.ts';

/** What says how the containers of a task are launched. */
export type LaunchRequirements = Pick<BasicWip, 'kind' | 'group' | 'clusters' | 'containerSize'>;

/** Why the cluster that a task goes to cannot give its containers their sizes. */
export interface SizeRefusal {
  readonly cluster: string;
  /** Faults of the sizes. Their paths begin with the name of an option. */
  readonly faults: readonly DefinitionFinding[];
}

/** Returns why containers of this task would not be launched into the cluster of the row; null when they would. */
export function decideSizeRefusal(
  row: ListedCluster,
  { kind, group, containerSize: wantedSize }: LaunchRequirements,
  parts: Pick<CompositionParts, 'config' | 'stopBudgetSeconds'>,
): SizeRefusal | null {
  const cluster = { ...row, launch: LaunchSettings.parse(row.launch) };
  const faults = findSizeFaults({ ...parts, kind, group, cluster, wantedSize });
  return faults.length === 0 ? null : { cluster: row.name, faults };
}
