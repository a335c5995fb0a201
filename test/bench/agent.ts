import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { descendantsOf } from '../../controlplane/localecs/process/process-tree.ts';
import type { SshKeyPair } from '../../shared/keys/ssh-key.ts';
import { AgentProcess } from '../kit/agent/agent-process.ts';
import { judgeFigure, type Measurement } from './measure.ts';
import { placeAgentBinary } from './place-agent-binary.ts';
import { processorSeconds } from './processor-time.ts';
import { ShellEntrypoint } from './shell-entrypoint.ts';

const STARTS = 15;
const EXECS = 40;
const IDLE_MS = 60_000;
const STREAM_BYTES = 300_000_000;

/** One way to run a container: the compiled agent, or the shell entrypoint with sshd that it replaces. */
interface Contestant {
  readonly name: 'agent' | 'shell';
  start(): Promise<Running>;
}

interface Running {
  readonly pids: () => number[];
  readonly isReady: () => boolean;
  readonly hasSaidExit: () => boolean;
  readonly sshPort: () => number;
  readonly clientKeys: SshKeyPair;
  readonly shutdownFile: string;
  close(): Promise<void>;
}

function agentOf(binary: string): Contestant {
  return {
    name: 'agent',
    async start() {
      const agent = await AgentProcess.start({ command: [binary], heartbeatSeconds: 30 });
      const { controlPlane } = agent;
      const ready = () => controlPlane.signals[0]?.body as { ports?: Record<string, number> } | undefined;
      return {
        pids: () => [agent.pid, ...descendantsOf(agent.pid)],
        isReady: () => ready() !== undefined,
        hasSaidExit: () => controlPlane.kinds.includes('exit'),
        sshPort: () => ready()?.ports?.['22'] ?? 0,
        clientKeys: controlPlane.clientKeys,
        shutdownFile: agent.shutdownFile,
        close: () => agent.close(),
      };
    },
  };
}

const SHELL: Contestant = {
  name: 'shell',
  async start() {
    const shell = await ShellEntrypoint.start();
    return {
      pids: () => [shell.pid, ...descendantsOf(shell.pid)],
      isReady: () => shell.said.includes('ready'),
      hasSaidExit: () => shell.said.includes('exit'),
      sshPort: () => shell.port,
      clientKeys: shell.clientKeys,
      shutdownFile: shell.shutdownFile,
      close: () => shell.close(),
    };
  },
};

interface Figures {
  readonly readyMs: number;
  readonly exitMs: number;
  readonly idleMegabytes: number;
  readonly ownMegabytes: number;
  readonly idleCpuPercent: number;
  readonly execMs: number;
  readonly streamMegabytesPerSecond: number;
  readonly loadedMegabytes: number;
}

/** Returns the milliseconds until the condition holds, checked every millisecond. */
async function timeUntil(condition: () => boolean): Promise<number> {
  const startedMs = performance.now();
  while (!condition()) {
    if (performance.now() - startedMs > 60_000) throw new Error('it did not happen within a minute');
    await delay(1);
  }
  return performance.now() - startedMs;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/**
 * Returns proportional memory: memory shared by processes is counted once. `Pss` includes the pages of the program's
 * file, `Pss_Anon` does not.
 */
function memoryMegabytes(pids: readonly number[], field: 'Pss' | 'Pss_Anon' = 'Pss'): number {
  const kilobytes = (pid: number): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readMemoryMap(pid))?.[1] ?? 0);
  return pids.reduce((sum, pid) => sum + kilobytes(pid), 0) / 1_000;
}

function readMemoryMap(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  } catch {
    return ''; // The process has just ended: a shell's children live for a second.
  }
}

async function timeLife(contestant: Contestant): Promise<{ readyMs: number; exitMs: number }> {
  const running = await contestant.start();
  try {
    const readyMs = await timeUntil(running.isReady);
    // Both check the file every second: the moment at which it appears must not decide.
    await delay(Math.random() * 1_000);
    writeFileSync(running.shutdownFile, '');
    return { readyMs, exitMs: await timeUntil(running.hasSaidExit) };
  } finally {
    await running.close();
  }
}

/** Returns the number of bytes of stdout. */
async function ssh(running: Running, place: string, command: string): Promise<number> {
  const identity = join(place, 'identity');
  writeFileSync(identity, running.clientKeys.privateKey, { mode: 0o600 });
  const settings = [`IdentityFile=${identity}`, 'IdentitiesOnly=yes', 'BatchMode=yes', 'StrictHostKeyChecking=no'];
  const options = [...settings, 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'].flatMap((line) => ['-o', line]);
  const where = ['-F', '/dev/null', '-p', String(running.sshPort()), 'root@127.0.0.1'];
  const child = spawn('ssh', [...options, ...where, command], { stdio: ['ignore', 'pipe', 'inherit'] });
  let bytes = 0;
  child.stdout.on('data', (data: Buffer) => (bytes += data.length));
  await new Promise((resolve) => child.once('close', resolve));
  return bytes;
}

async function measure(contestant: Contestant): Promise<Figures> {
  const lives = [];
  for (let count = 0; count < STARTS; count += 1) lives.push(await timeLife(contestant));
  const running = await contestant.start();
  const place = mkdtempSync(join(tmpdir(), 'wip-bench-'));
  try {
    await timeUntil(running.isReady);
    await delay(3_000);
    const idleMegabytes = memoryMegabytes(running.pids());
    const ownMegabytes = memoryMegabytes(running.pids(), 'Pss_Anon');
    const before = processorSeconds(running.pids());
    await delay(IDLE_MS);
    const idleCpuPercent = ((processorSeconds(running.pids()) - before) / (IDLE_MS / 1_000)) * 100;
    const execs: number[] = [];
    for (let count = 0; count < EXECS; count += 1) {
      const startedMs = performance.now();
      await ssh(running, place, 'true');
      execs.push(performance.now() - startedMs);
    }
    const startedMs = performance.now();
    const streaming = ssh(running, place, `head -c ${STREAM_BYTES} /dev/zero`);
    await delay(500);
    const loadedMegabytes = memoryMegabytes(running.pids());
    const bytes = await streaming;
    const streamMegabytesPerSecond = bytes / 1_000 / (performance.now() - startedMs);
    const [readyMs, exitMs] = [median(lives.map((life) => life.readyMs)), median(lives.map((life) => life.exitMs))];
    return {
      readyMs,
      exitMs,
      idleMegabytes,
      ownMegabytes,
      idleCpuPercent,
      execMs: median(execs),
      streamMegabytesPerSecond,
      loadedMegabytes,
    };
  } finally {
    await running.close();
    rmSync(place, { recursive: true });
  }
}

/** Measures the footprint of the compiled agent, next to a shell entrypoint with sshd that does the same job. */
export async function benchAgent(): Promise<readonly Measurement[]> {
  const binary = await placeAgentBinary();
  const sizeBytes = statSync(binary.path).size;
  const agent = await measure(agentOf(binary.path)).finally(() => binary.remove());
  const shell = existsSync('/usr/sbin/sshd') ? await measure(SHELL) : undefined;
  const beside = (pick: (figures: Figures) => number, unit: string): string =>
    shell ? `; shell and sshd ${pick(shell).toFixed(1)} ${unit}` : '; no sshd here to compare with';
  const figure = (
    what: string,
    pick: (figures: Figures) => number,
    unit: string,
    promise: { atMost?: number; atLeast?: number },
  ) => judgeFigure({ what, value: pick(agent), unit, beside: beside(pick, unit), ...promise });
  return [
    judgeFigure({
      what: 'size of the binary',
      value: sizeBytes / 1e6,
      unit: 'MB',
      beside: '',
      atMost: 115,
    }),
    figure(`start to ready accepted, median of ${STARTS}`, ({ readyMs }) => readyMs, 'ms', { atMost: 350 }),
    figure(`shutdown file to exit accepted, median of ${STARTS}`, ({ exitMs }) => exitMs, 'ms', { atMost: 3_000 }),
    figure('memory idle', ({ idleMegabytes }) => idleMegabytes, 'MB', { atMost: 65 }),
    figure('memory idle without the pages of its file', ({ ownMegabytes }) => ownMegabytes, 'MB', {}),
    figure('memory while it streams', ({ loadedMegabytes }) => loadedMegabytes, 'MB', {}),
    figure('processor idle over 60 s', ({ idleCpuPercent }) => idleCpuPercent, '% of a core', { atMost: 0.2 }),
    figure(`ssh exec with a new connection, median of ${EXECS}`, ({ execMs }) => execMs, 'ms', {}),
    figure('stdout through ssh', ({ streamMegabytesPerSecond: rate }) => rate, 'MB/s', { atLeast: 30 }),
  ];
}
