import type { StopCause } from '../../../shared/model/stop-cause.ts';
import { BYTES_PER_GB } from '../../../shared/model/units.ts';
import { CLASS_ID, type ExitSignal, type OutputSignal, type StreamEnds } from '../../../shared/protocol/signals.ts';
import type { ContainerEnding, EndingContainer } from './container-ending.ts';
import { scriptedStopSentence } from '../scripted-stop-sentence.ts';
import { simulatedUsage } from '../simulated-usage.ts';
import type { ScriptedProcess } from './scripted-process.ts';

const MB = 1_000_000;

/** The agent's words about its end, with the sentence of the real agent unless the script has one. */
export function outputSignal(
  cause: StopCause,
  ending: ContainerEnding,
  process: ScriptedProcess | null,
  container: EndingContainer,
): OutputSignal {
  const stdout = ending.stdout ?? process?.text('stdout') ?? '';
  const stderr = ending.stderr ?? process?.text('stderr') ?? '';
  return {
    classId: CLASS_ID.output,
    type: 3,
    exitLog: ending.exitLog ?? sentenceOf(cause, container),
    log: ending.log ?? `${stdout}${stderr}`,
    stdout: streamEnds(stdout),
    stderr: streamEnds(stderr),
    ...(process && {
      process: {
        id: process.facts.key,
        command: commandText(process),
        user: process.facts.body.user ?? null,
        runtimeSeconds: container.age - (process.startedMs - container.launchedMs) / 1000,
      },
    }),
    cause,
    causes: [cause],
  };
}

function commandText({ facts: { body } }: ScriptedProcess): string {
  return Array.isArray(body.command) ? body.command.join(' ') : body.command.shell;
}

function streamEnds(text: string): StreamEnds {
  const bytes = Buffer.from(text);
  return { head: '', tail: bytes.toString('base64'), bytes: bytes.length, omitted: 0 };
}

function sentenceOf(cause: StopCause, container: EndingContainer): string {
  const limitOf = (name: string): number | null => {
    const given = container.launch.environment[name];
    return given === undefined ? null : Number(given);
  };
  return scriptedStopSentence(cause, {
    ranSeconds: container.age,
    workloadBytes: container.script.diskGb * BYTES_PER_GB,
    initialBytes: null,
    maxTimeSeconds: limitOf('WORKLOAD_MAX_TIME'),
    maxDiskGb: limitOf('WORKLOAD_MAX_DISK'),
  });
}

export function exitSignal(cause: StopCause, container: EndingContainer): ExitSignal {
  const { diskGb, memoryMb } = container.script;
  const seconds = container.age;
  return {
    classId: CLASS_ID.exit,
    type: 2,
    time: Math.round(seconds),
    disk: diskGb,
    initial_disk: 0,
    usage: simulatedUsage({
      wallSeconds: seconds,
      cpuSeconds: null,
      memoryPeakBytes: memoryMb * MB,
      diskBytes: diskGb * BYTES_PER_GB,
      processes: container.processes.length,
      outputBytes: 0,
    }),
    cause,
    causes: [cause],
    exitCode: cause === 'shutdown-file' ? 0 : 1,
  };
}
