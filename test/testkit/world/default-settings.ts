import type { TaskSettings } from '../../../controlplane/tasks/task-settings.ts';
import { parseRepositoryHosts } from '../../../shared/repository/repository-hosts.ts';

/** The settings of an installation that has configured nothing, except that repositories may be anywhere. */
export const DEFAULT_SETTINGS: TaskSettings = {
  buildTool: ['wip-agent', 'build'],
  repositoryHosts: parseRepositoryHosts('local'),
  outgoingHosts: parseRepositoryHosts('', 'outgoing_hosts'),
  maxDiskPercent: 75,
  maxContainerSeconds: null,
  pipelines: { statsKey: null, statsScope: 'task' },
  askAfterSeconds: 15,
  giveUpAfterSeconds: 120,
  startSeconds: 900,
};
