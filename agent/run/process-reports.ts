import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { LATE, withinTime } from '../../shared/time/within-time.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { Reporter } from '../report/reporter.ts';
import type { Monitoring } from './monitoring.ts';
import { processCompleteFields } from './signal-fields.ts';

/** A walk over 200,000 files takes 1.1 s; the process-complete signal waits no longer than this (chosen). */
const MAX_EXAMINATION_MS = 5_000;

export interface ProcessReportsDeps {
  readonly monitoring: Pick<Monitoring, 'isDiskNearlyFull' | 'findDiskBreach'>;
  readonly reporter: () => Reporter | undefined;
  readonly isStopping: () => boolean;
  readonly stop: (cause: StopCause) => void;
  readonly clock: Clock;
}

/** Reports the ends of processes. */
export class ProcessReports {
  readonly #deps: ProcessReportsDeps;
  readonly #reported = new Set<ManagedProcess>();
  readonly #examined = new Set<ManagedProcess>();

  constructor(deps: ProcessReportsDeps) {
    this.#deps = deps;
  }

  /** Processes that have just failed on a disk that is nearly full. A stop because of the disk is about them as if they ran. */
  examined(): ManagedProcess[] {
    return [...this.#examined];
  }

  async ended(process: ManagedProcess): Promise<void> {
    if (hasFailed(process) && this.#deps.monitoring.isDiskNearlyFull()) await this.#examine(process);
    // While stopping, the output signal goes first.
    if (this.#deps.isStopping()) return;
    process.releaseOutput();
    await this.complete(process);
  }

  async complete(process: ManagedProcess): Promise<void> {
    if (this.#reported.has(process)) return;
    this.#reported.add(process);
    const reporter = this.#deps.reporter();
    reporter?.settleOutput(process.key);
    await reporter?.signal('processComplete', processCompleteFields(process));
  }

  /** A fast writer may fill the disk and fail between two readings. Without this only its exit code would be told. */
  async #examine(process: ManagedProcess): Promise<void> {
    const { monitoring, clock, stop } = this.#deps;
    this.#examined.add(process);
    const cause = await withinTime(monitoring.findDiskBreach(), { clock, limitMs: MAX_EXAMINATION_MS });
    if (cause !== undefined && cause !== LATE) stop(cause);
    this.#examined.delete(process);
  }
}

function hasFailed({ result }: ManagedProcess): boolean {
  if (!result || result.reason === 'cancelled') return false;
  return result.exitCode !== 0;
}
