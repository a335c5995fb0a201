import type { Log } from '../../shared/support/log.ts';
import type { SshKeyPair } from '../../shared/support/ssh-key.ts';
import type { CommandRunner } from './command-runner.ts';

export interface SshServerOptions {
  readonly host: string;
  /** 0 takes any free port; the answer says which. */
  readonly port: number;
  readonly hostKey: SshKeyPair;
  /** Enrolment's keys: root or the workload user, exec, sftp, and the agent API. */
  readonly clientKeys: readonly string[];
  /** May log in as the workload user only: exec and sftp, never the agent API. */
  readonly developerKey?: string;
  readonly workloadUser: string;
  /** Whether the agent runs as root. When not, every session is the workload user's, whatever name it logs in with. */
  readonly isRoot: boolean;
  /** Where the agent API really listens; AGENT_SOCKET is mapped to it. */
  readonly socketPath: string;
  readonly runCommand: CommandRunner;
  readonly log: Log;
}

export interface SshServer {
  readonly port: number;
  /** Connects to itself and exchanges keys; rejects when what answers does not hold the announced host key. */
  selfCheck(): Promise<void>;
  /** No new logins, commands or transfers; what runs goes on, and the agent API stays reachable for who is in. */
  freeze(): void;
  close(): Promise<void>;
}
