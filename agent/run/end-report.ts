import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { withinTime } from '../../shared/time/within-time.ts';
import type { LifecycleEffect } from '../lifecycle/decide-lifecycle.ts';
import { stopSentence } from '../lifecycle/stop-sentence.ts';
import { stopSubject } from '../lifecycle/stop-subject.ts';
import { isDiskCause } from '../monitor/disk.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { Workload } from '../process/workload.ts';
import type { Reporter } from '../report/reporter.ts';
import type { AgentComponents } from './agent-components.ts';
import { exitFields, outputFields, type InterruptedProcess } from './signal-fields.ts';

/** How long the agent waits for the last output of processes that just ended. */
const DRAIN_MS = 1_000;

/** The state of the container when its first stop cause came. */
export interface StopSnapshot {
  readonly exitLog: string;
  /** The process that the verdict is about; several when it is not known which of them that is. */
  readonly interrupted: readonly InterruptedProcess[];
}

interface StopMoment {
  readonly now: Date;
  readonly detail: string | undefined;
  /** Processes that have just failed for what may be the cause, if that is the disk. */
  readonly failed: readonly ManagedProcess[];
}

/** Takes the figures of this moment: a second later they would be those of a container that is being ended. */
export function takeStopSnapshot(
  cause: StopCause,
  { workload, monitoring }: Pick<AgentComponents, 'workload' | 'monitoring'>,
  { now, detail, failed }: StopMoment,
): StopSnapshot {
  const concerned = isDiskCause(cause) ? [...workload.running(), ...failed] : workload.running();
  const running = concerned.toSorted((one, other) => one.startedAt.getTime() - other.startedAt.getTime());
  const waits = running.map((process) => ({
    key: process.key,
    secondsSinceProgress: process.secondsSinceProgress(),
    process,
    runtimeSeconds: (now.getTime() - process.startedAt.getTime()) / 1_000,
  }));
  const subject = stopSubject(cause, waits);
  const interrupted = subject.kind === 'process' ? [subject.process] : subject.kind === 'unknown' ? subject.among : [];
  const keys = new Set([...interrupted, ...waits].map(({ key }) => key));
  return {
    exitLog: stopSentence(cause, { ...monitoring.figures(), running: [...keys], detail: detail ?? null }),
    interrupted,
  };
}

/** Waits until the ended processes have been read to their end, for a second at most. */
export async function drainOutput(workload: Workload, clock: Clock): Promise<void> {
  const patience = new AbortController();
  const ended = Promise.all(
    workload.running().map(async (process) => {
      while (process.isRunning && !patience.signal.aborted) await process.changed(patience.signal);
    }),
  );
  await withinTime(ended, { clock, limitMs: DRAIN_MS });
  patience.abort();
}

export interface EndReport extends Pick<AgentComponents, 'workload' | 'monitoring' | 'secretPatterns'> {
  readonly reporter: Reporter;
  readonly snapshot: StopSnapshot;
  readonly reportComplete: (process: ManagedProcess) => Promise<void>;
  /** Aborts when the exit signal waits no longer for output that is still on its way. */
  readonly outputTimeIsUp: AbortSignal;
}

/** Puts the signals of the end into the spool: output, when there is something to say, process-complete, exit. */
export async function reportEnd(
  { causes, exitCode, wasReady }: LifecycleEffect & { kind: 'report-end' },
  { workload, monitoring, secretPatterns, reporter, snapshot, reportComplete, outputTimeIsUp }: EndReport,
): Promise<void> {
  const { exitLog, interrupted } = snapshot;
  if (interrupted.length > 0 || !wasReady) {
    await reporter.signal('output', outputFields(exitLog, causes, interrupted, secretPatterns));
  }
  for (const process of workload.all()) if (process.result) await reportComplete(process);
  await monitoring.measureOnceMore(causes[0]);
  await reporter.finishOutput(outputTimeIsUp);
  await reporter.signal('exit', exitFields(causes, exitCode, monitoring.usage()));
}
