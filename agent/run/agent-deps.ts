import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Environment } from '../config/agent-config.ts';

/** Everything the agent needs of the process it runs in; main.ts hands it in. */
export interface AgentDeps {
  readonly environment: Environment;
  /** `--config FILE`. */
  readonly configFile: string | undefined;
  readonly version: string;
  readonly pid: number;
  readonly parentPid: number;
  /** Command that starts this program again, for the `wip-agent` that a build finds on its PATH. */
  readonly selfCommand: readonly string[];
  /** Start of the process on the monotonic clock. */
  readonly startedMonotonicMs: number;
  readonly startedAt: Date;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newUuid: () => string;
  readonly writeLog: (line: string) => void;
  /**
   * Calls the handler for each signal that ends a process, with its name, and for uncaught errors; for those that came
   * earlier, at once.
   */
  readonly onStop: (handler: (cause: StopCause, detail?: string) => void) => void;
}
