import type { StopCause } from '../../../shared/model/stop-cause.ts';
import type { EnrolmentAnswer } from '../../../shared/protocol/enrolment.ts';
import type { StreamEnds, Usage } from '../../../shared/protocol/signals.ts';
import { scriptedStopSentence } from '../scripted-stop-sentence.ts';
import type { AgentContainer } from './agent-script.ts';
import type { SimulatedProcess } from './simulated-process.ts';

// Bytes of a stream that the output signal carries; a flood is longer.
const TAIL_BYTES = 64 * 1024;

/** How a container ended before its time, in the words of its script. */
export type ScriptedEnd = Omit<NonNullable<AgentContainer['end']>, 'after' | 'at' | 'when'>;

/** Why and with what running a container began to stop. */
export interface Stopping {
  readonly sentence: string;
  readonly process: SimulatedProcess | undefined;
  readonly words: ScriptedEnd | null;
}

/** Returns the sentence of the real agent for a container with these figures. */
export function sentenceOf(cause: StopCause, usage: Usage, limits: EnrolmentAnswer['limits']): string {
  return scriptedStopSentence(cause, {
    ranSeconds: usage.wallSeconds,
    workloadBytes: usage.disk.workloadBytes,
    initialBytes: usage.disk.initialBytes,
    maxTimeSeconds: limits.maxTimeSeconds,
    maxDiskGb: limits.maxDiskGb,
  });
}

export function outputFields(
  { sentence, process, words }: Stopping,
  causes: readonly StopCause[],
): Record<string, unknown> {
  const [cause] = causes;
  const exitLog = words?.exitLog ?? sentence;
  if (!process) return { exitLog, log: words?.log ?? '', cause, causes };
  const stdout = words?.stdout === undefined ? tailOf(process, 'stdout') : Buffer.from(words.stdout);
  const stderr = words?.stderr === undefined ? tailOf(process, 'stderr') : Buffer.from(words.stderr);
  const { command } = process.body;
  return {
    exitLog,
    log: words?.log ?? stdout.toString(),
    stdout: endsOf(stdout),
    stderr: endsOf(stderr),
    process: {
      id: process.key,
      command: process.body.secure ? '[secure]' : Array.isArray(command) ? command.join(' ') : command.shell,
      user: 'simulated',
      runtimeSeconds: process.result ? process.result.endTime - process.startedAt.getTime() / 1_000 : 0,
    },
    cause,
    causes,
  };
}

function tailOf(process: SimulatedProcess, stream: 'stdout' | 'stderr'): Buffer {
  return process.read(stream, Math.max(0, process.bytes(stream) - TAIL_BYTES), TAIL_BYTES);
}

function endsOf(bytes: Buffer): StreamEnds {
  return { head: bytes.toString('base64'), tail: '', bytes: bytes.length, omitted: 0 };
}
