import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAgent } from '../../../agent/run/run-agent.ts';
import type { AgentDeps } from '../../../agent/run/agent-deps.ts';
import type { OutputSignal } from '../../../shared/protocol/signals.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { FakeControlPlane } from '../../kit/agent/fake-control-plane.ts';

let root: string;
let controlPlane: FakeControlPlane;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'wip-run-'));
  mkdirSync(join(root, 'etc/buildcontainer'), { recursive: true });
  writeFileSync(join(root, 'etc/buildcontainer/config.ini'), '');
  controlPlane = await FakeControlPlane.start();
});
afterEach(async () => {
  await controlPlane.close();
  rmSync(root, { recursive: true });
});

function agentDeps(more: Partial<AgentDeps>): AgentDeps {
  return {
    environment: { WIP_AGENT_ROOT: root, PATH: '/usr/bin:/bin', ...controlPlane.environment },
    configFile: undefined,
    version: '0.0.0',
    pid: process.pid,
    parentPid: process.ppid,
    selfCommand: ['/bin/true'],
    startedMonotonicMs: performance.now(),
    startedAt: new Date(),
    clock: systemClock,
    random: Math.random,
    newUuid: () => crypto.randomUUID(),
    writeLog: () => undefined,
    onStop: () => undefined,
    ...more,
  };
}

describe('an agent that cannot work', () => {
  it('as process 1 refuses with 78 and names both ways out', async () => {
    expect(await runAgent(agentDeps({ pid: 1 }))).toBe(78);
    expect(controlPlane.kinds).toEqual(['output', 'exit']);
    const { exitLog } = controlPlane.signals[0]?.body as OutputSignal;
    expect(exitLog).toContain('tini -s -- wip-agent');
    expect(exitLog).toContain('initProcessEnabled');
  });

  it('ends with 78 when nobody told it where to enrol', async () => {
    const environment = { WIP_AGENT_ROOT: root };
    expect(await runAgent(agentDeps({ environment }))).toBe(78);
  });

  it('ends with 78, and not with a crash, when it is told to send its signals to something that is no http address', async () => {
    for (const SIGNAL_URL of ['ftp://127.0.0.1/v1/signal/x', 'nonsense']) {
      const environment = { WIP_AGENT_ROOT: root, PATH: '/usr/bin:/bin', ...controlPlane.environment, SIGNAL_URL };
      expect(await runAgent(agentDeps({ environment }))).toBe(78);
    }
  });

  it('tells the control plane that ENTRY_POINT_DELAY is wrong', async () => {
    const environment = { WIP_AGENT_ROOT: root, ...controlPlane.environment, ENTRY_POINT_DELAY: '-1' };
    expect(await runAgent(agentDeps({ environment }))).toBe(78);
    expect((controlPlane.signals[0]?.body as OutputSignal).exitLog).toContain('ENTRY_POINT_DELAY is "-1"');
  });

  it('says which file is missing', async () => {
    rmSync(join(root, 'etc'), { recursive: true });
    expect(await runAgent(agentDeps({}))).toBe(78);
    expect((controlPlane.signals[0]?.body as OutputSignal).exitLog).toContain(
      join(root, 'etc/buildcontainer/config.ini'),
    );
  });

  it.each([
    ['var', 'var/lib/wip-agent', 78],
    ['tmp', 'tmp', 78],
    ['bin', 'bin', 78],
    ['run', 'run/wip-agent', 75],
  ])(
    'says that its directory cannot be made, as on a read-only root, and not that the disk limit was exceeded: /%s',
    async (name, needed, exitCode) => {
      rmSync(join(root, name), { recursive: true, force: true });
      writeFileSync(join(root, name), ''); // a file, so that not even root can make a directory there
      expect(await runAgent(agentDeps({}))).toBe(exitCode);
      expect(controlPlane.kinds).toEqual(['output', 'exit']);
      const { exitLog } = controlPlane.signals[0]?.body as OutputSignal;
      expect(exitLog).toContain(`The agent cannot make ${join(root, needed)}`);
      expect(exitLog).toContain('readonlyRootFilesystem');
    },
  );

  it('tells the control plane also of a failure that nobody expected, with 75', async () => {
    const bug = (): never => {
      throw new TypeError('a bug');
    };
    expect(await runAgent(Object.defineProperty(agentDeps({}), 'pid', { get: bug }))).toBe(75);
    expect(controlPlane.kinds).toEqual(['output', 'exit']);
    expect(controlPlane.signals[1]?.body).toMatchObject({ cause: 'internal', exitCode: 75 });
  });

  it('told to stop while it enrols says so once it is enrolled', async () => {
    controlPlane.failNext('enrol', { status: 503 });
    const stopAtOnce = (handler: (cause: 'sigterm') => void): void => handler('sigterm');
    expect(await runAgent(agentDeps({ onStop: stopAtOnce }))).toBe(143);
    expect(controlPlane.kinds).toEqual(['output', 'exit']);
    const exitLog = 'The container was stopped from outside (SIGTERM).';
    expect(controlPlane.signals[0]?.body).toMatchObject({ cause: 'sigterm', exitLog });
  });

  it('told to stop while it enrols ends with 143 when the control plane has given it up', async () => {
    const body = JSON.stringify({ code: 'ENROLMENT_VOID', message: 'Given up.' });
    controlPlane.failNext('enrol', { status: 410, body });
    const stopAtOnce = (handler: (cause: 'sigterm') => void): void => handler('sigterm');
    expect(await runAgent(agentDeps({ onStop: stopAtOnce }))).toBe(143);
    expect(controlPlane.signals).toEqual([]);
  });

  it('told to stop before it is enrolled ends within seconds, whatever the network does', async () => {
    controlPlane.failNext('enrol', 'hang');
    const stopAtOnce = (handler: (cause: 'sigterm') => void): void => handler('sigterm');
    expect(await runAgent(agentDeps({ onStop: stopAtOnce }))).toBe(143);
    expect(controlPlane.signals).toEqual([]);
  });
});
