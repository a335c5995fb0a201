import type { StopCause } from '../../shared/model/stop-cause.ts';
import { gigabytes } from '../../shared/model/units.ts';
import {
  MAX_LOG_BYTES,
  type OutputSignal,
  type ExitSignal,
  type ProcessCompleteSignal,
  type ReadySignal,
  type StreamEnds,
  type StreamName,
  type Usage,
} from '../../shared/protocol/signals.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import type { Causes } from '../lifecycle/decide-lifecycle.ts';
import { readTextFile } from '../monitor/cgroup.ts';
import { uncoveredMounts } from '../monitor/mounts.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { maskText, type SecretPatterns } from '../process/secrets/masker.ts';
import type { AgentDeps } from './agent-deps.ts';

// The bodies of the four signals. The reporter lays them over SIGNAL_BODY and adds class id and type.

type Fields<T> = Omit<T, 'classId' | 'type'> & Record<string, unknown>;

/** The process that was running when the container was stopped. */
export interface InterruptedProcess {
  readonly process: ManagedProcess;
  readonly runtimeSeconds: number;
}

export function readyFields(
  deps: Pick<AgentDeps, 'pid' | 'startedAt' | 'version'>,
  config: AgentConfig,
  sshPort: number,
): Omit<ReadySignal, 'classId'> & Record<string, unknown> {
  // On a machine that is shared with others, its mounts say nothing about this build.
  const mountinfo = config.root === null ? (readTextFile('/proc/self/mountinfo') ?? '') : '';
  return {
    pid: deps.pid,
    startTime: deps.startedAt.getTime() / 1_000,
    ...(config.root === null ? {} : { host: config.sshHost }),
    ports: { 22: sshPort },
    socket: config.socketPath,
    shutdownFile: config.shutdownFile,
    initialDisk: gigabytes(config.disk.initialBytes),
    isolation: config.root === null ? 'container' : 'none',
    agentVersion: deps.version,
    uncoveredMounts: uncoveredMounts(mountinfo, config.disk.paths),
  };
}

export function outputFields(
  exitLog: string,
  causes: Causes,
  interrupted: readonly InterruptedProcess[],
  secretPatterns: SecretPatterns,
): Fields<OutputSignal> {
  const [cause] = causes;
  const [only, another] = interrupted;
  if (!only || another) return { exitLog, log: logOfAll(interrupted), cause, causes: [...causes] };
  const { process, runtimeSeconds } = only;
  return {
    exitLog,
    log: printable(process.logTail()),
    stdout: streamEnds(process, 'stdout'),
    stderr: streamEnds(process, 'stderr'),
    process: {
      id: process.key,
      command: maskText(commandText(process), secretPatterns),
      user: process.account.name,
      runtimeSeconds,
    },
    cause,
    causes: [...causes],
  };
}

/** The ends of the output of all, each below the key of its process. */
function logOfAll(interrupted: readonly InterruptedProcess[]): string {
  const parts = interrupted.map(({ process }) => {
    const tail = process.logTail();
    const shown = tail.subarray(Math.max(0, tail.length - Math.floor(MAX_LOG_BYTES / interrupted.length)));
    return `--- ${process.key} ---\n${printable(shown)}`;
  });
  return parts.map((part) => (part.endsWith('\n') ? part : `${part}\n`)).join('');
}

/** Text for people: NUL and bytes that are no UTF-8 become U+FFFD. */
function printable(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\0', '\uFFFD');
}

function streamEnds(process: ManagedProcess, stream: StreamName): StreamEnds {
  const { ends } = process.stream(stream);
  const [head, tail] = [ends.head(), ends.tail()];
  return {
    head: head.toString('base64'),
    tail: tail.toString('base64'),
    bytes: ends.bytes(),
    omitted: ends.bytes() - head.length - tail.length,
  };
}

function commandText({ body }: ManagedProcess): string {
  if (body.secure) return '[secure]';
  return Array.isArray(body.command) ? body.command.join(' ') : body.command.shell;
}

export function processCompleteFields(process: ManagedProcess): Fields<ProcessCompleteSignal> {
  const { pid, startTime, result, streams } = process.status();
  if (!result) throw new Error(`process ${process.key} is not complete`);
  return {
    pid,
    startTime,
    processId: process.key,
    result,
    bytes: { stdout: streams.stdout.bytes, stderr: streams.stderr.bytes },
    omitted: { stdout: streams.stdout.omitted, stderr: streams.stderr.omitted },
  };
}

export function exitFields(
  causes: readonly [StopCause, ...StopCause[]],
  exitCode: number,
  usage: Usage,
): Fields<ExitSignal> {
  const gb = (bytes: number | null): number | null => (bytes === null ? null : gigabytes(bytes));
  return {
    time: Math.round(usage.wallSeconds),
    disk: gb(usage.disk.workloadBytes),
    initial_disk: gb(usage.disk.initialBytes),
    usage,
    cause: causes[0],
    causes: [...causes],
    exitCode,
  };
}
