import type { ContainerSizeOverride } from '../../containers/rules/wanted-size.ts';
import type { RunTaskSettings } from '../config/run-task-settings.ts';

/** The exact revision a launch is pinned to. */
export interface PinnedDefinition {
  readonly arn: string;
  /** The container whose environment is overridden: the build's. */
  readonly containerName: string;
  /** Whether its image has no agent; absent: it has one. */
  readonly isLegacy?: boolean;
  /** What RunTask is told beside the definition (config.ecs.yml, runTask). */
  readonly runTask?: RunTaskSettings;
  /** Sizes of that container, where a task wants other ones than the definition has. */
  readonly containerSize?: ContainerSizeOverride;
}
