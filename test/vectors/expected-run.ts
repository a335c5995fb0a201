import type { ExitStatus } from '../../shared/model/status.ts';
import type { TraceEvent } from './scripted-task.ts';

interface ExpectedStep {
  readonly step: number;
  readonly events: readonly TraceEvent[];
  readonly state: string | null;
  readonly wait?: number;
  readonly complete?: boolean;
  readonly exitCode?: number;
  readonly exitMessage?: string | null;
  readonly logs?: readonly { readonly level: number; readonly message: string }[];
  readonly throws?: unknown;
}

export interface ExpectedRun {
  readonly outcome: 'finished' | 'threw' | 'maxSteps';
  readonly steps: readonly ExpectedStep[];
  readonly final: {
    readonly state: string | null;
    readonly exitCode: number;
    readonly exitMessage: string | null;
    readonly transitionCounts?: Readonly<Record<string, number>>;
    readonly transcript: string;
    readonly transitionCount: number;
    readonly simulationScript?: string;
  };
}

function statusOf(code: number, isOver: boolean): ExitStatus {
  if (code === 0) return isOver ? 'COMPLETED' : 'NOT_FINISHED';
  const status = ([null, 'TERMINATED', 'WARNING', 'ERROR_SYSTEM', 'ERROR_USER'] as const)[code];
  if (!status) throw new Error(`the recorded engine has no exit code ${code}`);
  return status;
}

function stepOf(step: ExpectedStep): Record<string, unknown> {
  const { logs: _logs, exitCode, exitMessage, ...rest } = step;
  if (step.throws !== undefined) return rest;
  return { ...rest, exitStatus: statusOf(exitCode!, step.complete === true), exitMessage: exitMessage ?? '' };
}

/**
 * Translates a recorded run into our terms: one numbering of exits, an empty message is none, counters of 0 are left
 * out.
 */
export function expectedRun(run: ExpectedRun): Record<string, unknown> {
  const { exitCode, exitMessage, transitionCounts, ...final } = run.final;
  const counts = Object.entries(transitionCounts ?? {}).filter(([, count]) => count > 0);
  return {
    outcome: run.outcome,
    steps: run.steps.map(stepOf),
    final: {
      state: final.state,
      exitStatus: statusOf(exitCode, run.outcome === 'finished'),
      exitMessage: exitMessage ?? '',
      ...(transitionCounts ? { transitionCounts: Object.fromEntries(counts) } : {}),
      transcript: final.transcript,
      transitionCount: final.transitionCount,
    },
  };
}

/** Returns the log lines about a change of state, with our spacing: the recorded engine's differs. */
export function expectedLogLines(run: ExpectedRun): string[] {
  const lines = run.steps.flatMap((step) => step.logs ?? []).map((log) => log.message);
  return lines.filter((line) => line.startsWith('[')).map((line) => line.replaceAll(' ', ''));
}
