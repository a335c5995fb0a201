import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { runAgent } from '../../../agent/run/run-agent.ts';
import { StopCause } from '../../../shared/model/stop-cause.ts';
import { StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { ExitSignal, OutputSignal, ProcessCompleteSignal } from '../../../shared/protocol/signals.ts';
import { testAgentDeps } from '../../kit/agent/test-agent-deps.ts';
import { callAgent } from '../../kit/agent/call-agent.ts';
import { eventually } from '../../kit/eventually.ts';
import { FakeMetadata } from '../../kit/ecs/fake-metadata.ts';
import { FakeControlPlane } from '../../kit/agent/fake-control-plane.ts';
import { JumpingClock } from '../../kit/jumping-clock.ts';

const HOUR_MS = 3_600_000;
const EXIT_CODES: Record<StopCause, number> = {
  'shutdown-file': 0,
  'limit-disk': 70,
  'limit-inodes': 71,
  'limit-time': 72,
  'host-disk-pressure': 74,
  'no-progress': 73,
  sigterm: 143,
  spot: 143,
  'enrolment-void': 77,
  internal: 75,
};

let root: string;
let controlPlane: FakeControlPlane;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'wip-stop-'));
  mkdirSync(join(root, 'etc/buildcontainer'), { recursive: true });
  // no_progress is 0, because an hour that passes at once would be an hour without progress.
  const config = '[disk]\nmax_workload = 0.02\n[time]\nmax_workload = 3600\nno_progress = 0\n';
  writeFileSync(join(root, 'etc/buildcontainer/config.ini'), config);
  controlPlane = await FakeControlPlane.start();
});
afterEach(async () => {
  await controlPlane.close();
  rmSync(root, { recursive: true });
});

interface RunningAgent {
  readonly clock: JumpingClock;
  readonly shutdownFile: string;
  /** Called as by the handlers of signals and of uncaught errors. */
  readonly stop: (cause: StopCause) => void;
  readonly ended: Promise<number>;
}

/** Starts a whole agent in this process, with a running build and a clock that the test can move. */
async function startBuilding(shell: string, environment: Record<string, string> = {}): Promise<RunningAgent> {
  const clock = new JumpingClock();
  let stop: RunningAgent['stop'] = () => undefined;
  const ended = runAgent(
    testAgentDeps({
      environment: { WIP_AGENT_ROOT: root, PATH: '/usr/bin:/bin', ...controlPlane.environment, ...environment },
      clock,
      onStop: (handler) => (stop = handler),
    }),
  );
  const ready = await eventually('ready', () => controlPlane.signals[0]);
  const socket = String(ready.body['socket']);
  await callAgent(socket, 'PUT', '/v1/processes/build', StartProcess.parse({ command: { shell } }));
  await eventually('the build', async () =>
    (await callAgent(socket, 'GET', '/v1/processes/build/output?stream=stdout')).body.includes('begun'),
  );
  return { clock, shutdownFile: join(root, 'tmp/shutdownContainer'), stop: (cause) => stop(cause), ended };
}

function body<T>(kind: string): T {
  return controlPlane.signals.find((signal) => signal.kind === kind)?.body as T;
}

/** Expects one output and one exit, which agree about the causes. */
function expectOneEnd(exitCode: number, causes: readonly StopCause[]): void {
  expect(controlPlane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
  expect(body<ExitSignal>('exit')).toMatchObject({ cause: causes[0], causes, exitCode });
  expect(body<OutputSignal>('output')).toMatchObject({ cause: causes[0] });
  expect(body<ProcessCompleteSignal>('processComplete').result.reason).toBe(causes[0]);
}

const fillDisk = (): void => writeFileSync(join(root, 'filled'), Buffer.alloc(30_000_000));
/** Ends a moment after TERM. */
const GENTLE = 'trap "sleep 0.3; exit 1" TERM; echo begun; while :; do sleep 0.05; done';
/** Ends by KILL only. */
const STUBBORN = 'trap "" TERM; echo begun; while :; do sleep 0.05; done';

describe('an agent with two causes to stop in the same tick', () => {
  const { options } = StopCause;
  const others = options.map((first, at) => [first, options[(at + 1) % options.length] ?? first] as const);

  it.each([...others, ['sigterm', 'sigterm'] as const])(
    'has one end, of the first: %s and %s',
    async (first, second) => {
      const agent = await startBuilding('echo begun; sleep 300');
      agent.stop(first);
      agent.stop(second);
      expect(await agent.ended).toBe(EXIT_CODES[first]);
      // The control plane ignores an agent whose enrolment is void.
      if (first === 'enrolment-void') expect(controlPlane.kinds).toEqual(['ready']);
      else expectOneEnd(EXIT_CODES[first], [...new Set([first, second])]);
    },
  );

  it('has one end when they are the time limit and the shutdown file', async () => {
    const agent = await startBuilding(GENTLE);
    writeFileSync(agent.shutdownFile, '');
    agent.clock.jump(HOUR_MS);
    const exitCode = await agent.ended;
    // Both timers wake in the same tick, and either may be first.
    if (exitCode === 72) expectOneEnd(72, ['limit-time', 'shutdown-file']);
    else expectOneEnd(0, ['shutdown-file', 'limit-time']);
  });

  it('has one end, of SIGTERM, when the other is the shutdown file', async () => {
    const agent = await startBuilding(GENTLE);
    writeFileSync(agent.shutdownFile, '');
    agent.stop('sigterm');
    agent.clock.jump(1_000);
    expect(await agent.ended).toBe(143);
    expectOneEnd(143, ['sigterm', 'shutdown-file']);
  });

  it('has one end, of the time limit, whose grace the disk limit cuts short', async () => {
    const agent = await startBuilding(STUBBORN);
    fillDisk();
    agent.clock.jump(HOUR_MS);
    expect(await agent.ended).toBe(72);
    expectOneEnd(72, ['limit-time', 'limit-disk']);
    expect(body<ProcessCompleteSignal>('processComplete').result.signal).toBe('SIGKILL');
  });
});

it('a build that fills the disk while SIGTERM gives it time to end is killed at once', async () => {
  const agent = await startBuilding(STUBBORN);
  agent.stop('sigterm');
  fillDisk();
  expect(await agent.ended).toBe(143);
  expectOneEnd(143, ['sigterm', 'limit-disk']);
});

it('a machine that is taken back ends its build with the reason', async () => {
  const metadata = await FakeMetadata.start();
  onTestFinished(() => metadata.close());
  const environment = { AWS_EXECUTION_ENV: 'AWS_ECS_EC2', AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint };
  const agent = await startBuilding('echo begun; sleep 300', environment);
  await eventually('a look', () => metadata.asked.at(-1)?.endsWith('instance-action'));
  metadata.takeBack(agent.clock.now());
  agent.clock.jump(6_000);
  expect(await agent.ended).toBe(143);
  expectOneEnd(143, ['spot']);
  expect(body<OutputSignal>('output').exitLog).toMatch(/Spot instance is being taken back/);
});
