import type { RepositoryHosts } from '../../shared/repository/repository-hosts.ts';

/** The part of the installation's configuration that concerns tasks (controlplane/config-fields.ts). */
export interface TaskSettings {
  /** The command line of the build tool inside the container. */
  readonly buildTool: readonly string[];
  /** The hosts on which repositories may be. */
  readonly repositoryHosts: RepositoryHosts;
  /** The hosts to which requests of tasks may go. */
  readonly outgoingHosts: RepositoryHosts;
  readonly maxDiskPercent: number;
  readonly maxContainerSeconds: number | null;
  readonly pipelines: {
    readonly statsKey: string | null;
    /** `task`: each build gets a token of its own, signed with the key. `installation`: each gets the key. */
    readonly statsScope: 'task' | 'installation';
  };
  /** Seconds after which a process without a completion signal is asked for over SSH. */
  readonly askAfterSeconds: number;
  /** Seconds after which a process is given up that its agent no longer knows. */
  readonly giveUpAfterSeconds: number;
  /** Seconds after its launch within which a container must be ready; else it is stopped. */
  readonly startSeconds: number;
}
