import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EXEC_ARGV } from '../../config/agent-binary.ts';
import { FakeControlPlane } from '../kit/agent/fake-control-plane.ts';
import { judgeFigure, type Measurement } from './measure.ts';

const PROGRAM = join(import.meta.dirname, 'hurried-agent.ts');
/** A day takes 72 seconds. The agent's monitors run every second, which becomes most of a millisecond. */
const SPEED = 1_200;
const HEARTBEAT_SECONDS = 30;
const HEARTBEATS_PER_HOUR = 3_600 / HEARTBEAT_SECONDS;
const DAY_HOURS = 24;
/** Garbage blurs a single figure of memory: the smallest of many figures in an hour is taken. */
const MAX_GROWTH_MEGABYTES = 3;
const POLL_MS = 20;
const PATIENCE_MS = 600_000;

interface Footprint {
  readonly megabytes: number;
  readonly descriptors: number;
  readonly threads: number;
}

function readFootprint(pid: number): Footprint {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    megabytes: (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1_024) / 1e6,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  };
}

const least = (footprints: readonly Footprint[], pick: (footprint: Footprint) => number): number =>
  Math.min(...footprints.map(pick));

/** Runs one agent for a day that only checks its limits and sends heartbeats. */
export async function benchAgentDay(): Promise<readonly Measurement[]> {
  const root = mkdtempSync(join(tmpdir(), 'wip-day-'));
  mkdirSync(join(root, 'etc/buildcontainer'), { recursive: true });
  writeFileSync(join(root, 'etc/buildcontainer/config.ini'), '[time]\nmax_workload = 1000000\n');
  const controlPlane = await FakeControlPlane.start({ heartbeatSeconds: HEARTBEAT_SECONDS });
  const flags = EXEC_ARGV;
  const child = spawn(process.execPath, [...flags, PROGRAM, String(SPEED)], {
    env: { PATH: '/usr/bin:/bin', WIP_AGENT_ROOT: root, ...controlPlane.environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    const hours = new Map<number, Footprint[]>();
    const giveUpMs = performance.now() + PATIENCE_MS;
    for (let hour = 0; hour < DAY_HOURS;) {
      if (child.exitCode !== null || performance.now() > giveUpMs) throw new Error(`the agent did not live for a day`);
      await delay(POLL_MS);
      hour = Math.floor(controlPlane.heartbeats.length / HEARTBEATS_PER_HOUR);
      hours.set(hour, [...(hours.get(hour) ?? []), readFootprint(child.pid ?? 0)]);
    }
    // The first hour is the start. Memory, descriptors and threads have settled in the second.
    const growth = (pick: (footprint: Footprint) => number): number =>
      least(hours.get(DAY_HOURS - 1) ?? [], pick) - least(hours.get(1) ?? [], pick);
    const beside = ` (${controlPlane.heartbeats.length} heartbeats)`;
    return [
      judgeFigure({
        what: 'growth of memory over a day',
        value: growth(({ megabytes }) => megabytes),
        unit: 'MB',
        beside,
        atMost: MAX_GROWTH_MEGABYTES,
      }),
      judgeFigure({
        what: 'more descriptors after a day',
        value: growth(({ descriptors }) => descriptors),
        unit: 'of them',
        beside,
        atMost: 0,
      }),
      judgeFigure({
        what: 'more threads after a day',
        value: growth(({ threads }) => threads),
        unit: 'of them',
        beside,
        atMost: 0,
      }),
    ];
  } finally {
    child.kill('SIGKILL');
    await ended;
    await controlPlane.close();
    rmSync(root, { recursive: true, force: true });
  }
}
