import { z } from 'zod';
import { BUILD_EVENTS } from './build-export.ts';
import { ToldGitFailure } from './git-failure.ts';
import { Timestamp } from '../model/timestamp.ts';

/**
 * Environment name of the file in which `build run` records its steps, one JSON object a line. A channel separate from the
 * output, because output of a build can look like the header of a step.
 */
export const BUILD_RECORD = 'WIP_BUILD_RECORD';

const Count = z.number().int().nonnegative();
const Line = z.number().int().positive();
const ExitCode = z.number().int().min(0).max(255);

/**
 * How many bytes the tool had written to its stdout and stderr. The agent's masking does not change lengths, so the offsets are
 * valid in the masked output.
 */
const Offsets = z.object({ stdout: Count, stderr: Count });

const StepStarted = z.object({
  kind: z.literal('step-started'),
  /** Counts all steps of the build, those of fail-on-build too; from 0. */
  step: Count,
  event: z.enum(BUILD_EVENTS),
  name: z.string(),
  /** Line of the step in the build file. */
  line: Line,
  at: Timestamp,
  /** Where the header of the step begins. */
  output: Offsets,
});

/** The command at which a step failed. */
const FailedCommand = z.object({
  line: Line,
  /** Differs from `line` where the exact line of a command is not known. */
  lastLine: Line,
  /** The first line of the command, 200 characters at most. */
  command: z.string(),
  /** The whole as a sentence for people. */
  sentence: z.string(),
});

export type FailedCommand = z.infer<typeof FailedCommand>;

const StepEnded = z.object({
  kind: z.literal('step-ended'),
  step: Count,
  at: Timestamp,
  durationMs: Count,
  /** As in a shell: 128 + n when signal n ended the step. Null when the build was told to stop. */
  exitCode: ExitCode.nullable(),
  signal: z.string().nullable(),
  /** The kernel killed a process of the container for memory while the step ran. */
  outOfMemory: z.boolean(),
  /** The offsets after its last line. */
  output: Offsets,
  failure: FailedCommand.nullable(),
});

const BuildStarted = z.object({
  kind: z.literal('build-started'),
  format: z.literal(1),
  event: z.enum(BUILD_EVENTS),
  fileName: z.string(),
  at: Timestamp,
});

/** Why the artefact of a build whose steps have succeeded was not pushed. */
const PushFailed = z.object({ kind: z.literal('push-failed'), at: Timestamp, failure: ToldGitFailure });

const BUILD_OUTCOMES = ['succeeded', 'failed', 'stopped'] as const;
export type BuildOutcome = (typeof BUILD_OUTCOMES)[number];

const BuildEnded = z.object({ kind: z.literal('build-ended'), at: Timestamp, outcome: z.enum(BUILD_OUTCOMES) });

const BuildRecordLine = z.discriminatedUnion('kind', [BuildStarted, StepStarted, StepEnded, PushFailed, BuildEnded]);
export type BuildRecordLine = z.infer<typeof BuildRecordLine>;

/** One step of a build. A null value belongs to an event that has not happened yet, or never did because the tool was killed. */
interface RecordedStep {
  readonly event: z.infer<typeof StepStarted>['event'];
  readonly name: string;
  readonly line: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly outOfMemory: boolean;
  readonly outputStart: z.infer<typeof Offsets>;
  readonly outputEnd: z.infer<typeof Offsets> | null;
  readonly failure: FailedCommand | null;
}

export interface BuildRecord {
  readonly event: z.infer<typeof BuildStarted>['event'];
  readonly fileName: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Null while the build runs. */
  readonly outcome: BuildOutcome | null;
  readonly steps: readonly RecordedStep[];
  readonly pushFailure: ToldGitFailure | null;
}

// A build file has at most a million characters, and a step some twenty of them.
const MAX_STEPS = 50_000;

/**
 * Reads a record, also while it is being written. Returns null when the text does not begin like a record. Foreign lines are
 * skipped: steps run as the same user as the tool and can write to the file, until the tool rewrites it at the end.
 */
export function readBuildRecord(text: string): BuildRecord | null {
  const lines = text.split('\n').flatMap(readLine);
  const start = lines[0];
  if (start?.kind !== 'build-started') return null;
  const steps: RecordedStep[] = [];
  for (const line of lines.slice(1)) addLine(steps, line);
  const end = lines.find((line) => line.kind === 'build-ended');
  const { event, fileName, at } = start;
  const pushFailure = lines.find((line) => line.kind === 'push-failed')?.failure ?? null;
  const { at: endedAt = null, outcome = null } = end ?? {};
  return { event, fileName, startedAt: at, endedAt, outcome, steps, pushFailure };
}

function readLine(text: string): BuildRecordLine[] {
  try {
    const parsed = BuildRecordLine.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return []; // an incomplete or foreign line
  }
}

function addLine(steps: RecordedStep[], line: BuildRecordLine): void {
  if (line.kind === 'step-started' && line.step === steps.length && steps.length < MAX_STEPS) {
    const { event, name, at, output } = line;
    const open = { endedAt: null, durationMs: null, exitCode: null, signal: null, outputEnd: null, failure: null };
    steps.push({ event, name, line: line.line, startedAt: at, outputStart: output, outOfMemory: false, ...open });
  }
  const started = line.kind === 'step-ended' ? steps[line.step] : undefined;
  if (line.kind !== 'step-ended' || !started || started.endedAt !== null) return;
  const { step, at, durationMs, exitCode, signal, outOfMemory, output, failure } = line;
  const endedAt = endOf(started.startedAt, durationMs, at);
  steps[step] = { ...started, endedAt, durationMs, exitCode, signal, outOfMemory, outputEnd: output, failure };
}

/**
 * Returns when a step ended, from its measured duration. The tool writes the record later: first it finds out which command
 * failed, for which it may start a program, and prints it.
 */
function endOf(startedAt: string, durationMs: number, writtenAt: string): string {
  const endedMs = Date.parse(startedAt) + durationMs;
  return endedMs < Date.parse(writtenAt) ? new Date(endedMs).toISOString() : writtenAt;
}
