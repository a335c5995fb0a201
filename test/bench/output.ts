import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessStatus } from '../../shared/protocol/agent-api.ts';
import { ExitSignal } from '../../shared/protocol/signals.ts';
import { AgentProcess } from '../kit/agent/agent-process.ts';
import { judgeFigure, type Measurement } from './measure.ts';
import { placeAgentBinary } from './place-agent-binary.ts';

/** `WIP_BENCH_OUTPUT_GB=10` measures the 10 GB that the agent promises. Two show the same in a fifth of the time. */
const OUTPUT_BYTES = Number(process.env['WIP_BENCH_OUTPUT_GB'] ?? 2) * 1_000_000_000;
/** Memory that output may add to the agent: 32 MiB. */
const MAX_GROWTH_MEGABYTES = 33.6;
/**
 * 64 MiB each are kept for the agent API, freed at once, and unread at the most. As much is written while output is
 * freed.
 */
const MAX_DISK_MEGABYTES = 269;
const LOOK_MS = 50;
const PATIENCE_MS = 300_000;

function memoryMegabytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1_024) / 1e6;
}

/** Resets VmHWM, so that it is the maximum from now on (proc_pid_clear_refs(5)). */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

interface Outcome {
  readonly growthMegabytes: number;
  readonly megabytesPerSecond: number;
  readonly diskMegabytes: number;
  /** Bytes that the agent counted, less those that were written. */
  readonly miscounted: number;
  /** Bytes that were neither received nor counted as omitted. */
  readonly unaccounted: number;
  readonly omittedMegabytes: number;
  /** Rate of the bytes received while the build ran. */
  readonly liveMegabytesPerSecond: number;
}

async function measure(agent: AgentProcess, bytes: number): Promise<Outcome> {
  // A first process loads code that the measured one then finds loaded.
  await agent.startProcess('first', { command: ['true'] });
  await agent.exited('first');
  forgetPeak(agent.pid);
  const before = memoryMegabytes(agent.pid, 'VmRSS');
  const startedMs = performance.now();
  await agent.startProcess('long', { command: { shell: `head -c ${bytes} /dev/zero | tr '\\0' x` } });
  const file = join(agent.root, 'var/lib/wip-agent/output/2/stdout');
  let diskBytes = 0;
  let liveBytes = 0;
  let status: ProcessStatus;
  do {
    await delay(LOOK_MS);
    if (performance.now() - startedMs > PATIENCE_MS) throw new Error('the output did not end within five minutes');
    diskBytes = Math.max(diskBytes, existsSync(file) ? statSync(file).blocks * 512 : 0);
    liveBytes = agent.controlPlane.chunkBytes;
    status = (await agent.json<ProcessStatus>('GET', '/v1/processes/long')).body;
  } while (status.state === 'running');
  const seconds = (performance.now() - startedMs) / 1_000;
  const growthMegabytes = memoryMegabytes(agent.pid, 'VmHWM') - before;
  await agent.call('POST', '/v1/shutdown');
  await agent.ended;
  // Output that waits in its file is still sent when the process is over. Only the exit signal knows the final number
  // of omitted bytes.
  const omitted = ExitSignal.parse(agent.controlPlane.signals.at(-1)?.body).usage?.output.omitted;
  if (omitted === undefined) throw new Error('the exit signal does not say what was not sent');
  return {
    growthMegabytes,
    megabytesPerSecond: bytes / 1e6 / seconds,
    diskMegabytes: diskBytes / 1e6,
    miscounted: status.streams.stdout.bytes - bytes,
    unaccounted: bytes - agent.controlPlane.chunkBytes - omitted,
    omittedMegabytes: omitted / 1e6,
    liveMegabytesPerSecond: liveBytes / 1e6 / seconds,
  };
}

/**
 * Measures the cost of one line of gigabytes: the compiled agent reads, masks, keeps both ends and sends as much as
 * it can.
 */
export async function benchOutput(): Promise<readonly Measurement[]> {
  const binary = await placeAgentBinary();
  const agent = await AgentProcess.start({ command: [binary.path], chunks: 'counted' });
  const outcome = await measure(agent, OUTPUT_BYTES).finally(async () => {
    await agent.close();
    binary.remove();
  });
  const what = (text: string): string => `one line of ${OUTPUT_BYTES / 1e9} GB: ${text}`;
  const figure = (text: string, value: number, unit: string, atMost: number): Measurement =>
    judgeFigure({ what: what(text), value, unit, beside: '', atMost });
  return [
    figure('memory grows by', outcome.growthMegabytes, 'MB', MAX_GROWTH_MEGABYTES),
    figure('disk taken at the most', outcome.diskMegabytes, 'MB', MAX_DISK_MEGABYTES),
    figure('bytes miscounted', Math.abs(outcome.miscounted), 'B', 0),
    figure('bytes neither sent nor counted as left out', Math.abs(outcome.unaccounted), 'B', 0),
    judgeFigure({
      what: what('written'),
      value: outcome.megabytesPerSecond,
      unit: 'MB/s',
      beside: `; ${outcome.omittedMegabytes.toFixed(0)} MB not sent, and counted`,
    }),
    judgeFigure({ what: what('received meanwhile'), value: outcome.liveMegabytesPerSecond, unit: 'MB/s', beside: '' }),
  ];
}
