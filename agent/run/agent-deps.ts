import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { Environment } from '../config/agent-config.ts';

/** What main.ts hands to the agent of the process it runs in. */
export interface AgentDeps {
  readonly environment: Environment;
  /** `--config FILE`. */
  readonly configFile: string | undefined;
  readonly version: string;
  readonly pid: number;
  readonly parentPid: number;
  /** How to start this very program again, for the `wip-agent` that a build finds on its PATH. */
  readonly selfCommand: readonly string[];
  /** When the process started, in the clock's own counting. */
  readonly startedMonotonicMs: number;
  readonly startedAt: Date;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newUuid: () => string;
  readonly writeLog: (line: string) => void;
  /** SIGTERM and its like, and failures that nobody caught. Those that came earlier are told at once. */
  readonly onStop: (handler: (cause: StopCause, detail?: string) => void) => void;
}
