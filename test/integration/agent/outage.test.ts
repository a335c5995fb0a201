import { writeFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import type { AgentProcess } from '../../kit/agent/agent-process.ts';
import { createAgentSuite } from '../../kit/agent/agent-suite.ts';
import { eventually } from '../../kit/eventually.ts';
import { FakeControlPlane } from '../../kit/agent/fake-control-plane.ts';
import { Wire, type WireState } from '../../kit/network/wire.ts';

const { start } = createAgentSuite();

async function startOverWire(state: WireState, config = ''): Promise<{ agent: AgentProcess; wire: Wire }> {
  const controlPlane = await FakeControlPlane.start();
  const wire = await Wire.start(controlPlane.port);
  onTestFinished(() => wire.close());
  await wire.set(state);
  const over = (url: string): string => url.replace(`:${controlPlane.port}`, `:${wire.port}`);
  const environment = { SIGNAL_URL: over(controlPlane.signalUrl), WIP_ENROL_URL: over(controlPlane.enrolUrl) };
  return { agent: await start({ controlPlane, environment, config }), wire };
}

it('an agent that starts while the control plane is away enrols when it is back', async () => {
  const { agent, wire } = await startOverWire('refused');
  await eventually('a try', () => agent.log.includes('enrolment not answered'));
  await wire.set('up');
  await agent.ready();
  expect(agent.controlPlane.enrolments).toHaveLength(1);
});

it('a build that ends, and a container that is shut down, while the control plane is away are told of when it is back', async () => {
  const { agent, wire } = await startOverWire('up');
  await agent.startProcess('build', {
    command: { shell: 'echo begun; until [ -e go ]; do sleep 0.1; done; echo done; exit 4' },
  });
  await agent.startProcess('sleeps', { command: { shell: 'echo sleeps; sleep 300' } });
  await wire.set('reset');
  await agent.call('PUT', '/v1/files?path=go&mode=0644', Buffer.from('on\n'));
  await eventually('a try', () => agent.log.includes('signal not answered'));
  writeFileSync(agent.shutdownFile, '');
  await eventually('the stop', () => agent.log.includes('"msg":"stopping"'));
  expect(agent.controlPlane.kinds).toEqual(['ready']);
  await wire.set('up');
  expect(await agent.ended).toBe(0);
  expect(agent.controlPlane.kinds).toEqual(['ready', 'processComplete', 'output', 'processComplete', 'exit']);
  expect(agent.controlPlane.signals.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(agent.controlPlane.signals[1]?.body).toMatchObject({ processId: 'build', result: { exitCode: 4 } });
});

it('the last lines of a build that a limit ends arrive although the control plane is away', async () => {
  const { agent, wire } = await startOverWire('up', '[shutdown]\nstop_budget = 5\n');
  await agent.startProcess('build', {
    command: { shell: 'echo begun; until [ -e go ]; do sleep 0.1; done; echo last words; sleep 300' },
  });
  await eventually('the first line', () => agent.controlPlane.chunkBytes > 0);
  await wire.set('reset');
  await agent.call('PUT', '/v1/files?path=go&mode=0644', Buffer.from('on\n'));
  await eventually('the last line', async () => (await agent.output('build')).toString().includes('last words'));
  // As a limit does, this ends the container without a SIGTERM.
  writeFileSync(agent.shutdownFile, '');
  await eventually('the stop', () => agent.log.includes('"msg":"stopping"'));
  const stoppedMs = performance.now();
  // Half of it is what output had after a SIGTERM.
  await eventually('more than half of stop_budget', () => performance.now() - stoppedMs > 3_000);
  await wire.set('up');
  expect(await agent.ended).toBe(0);
  expect(agent.controlPlane.output('build', 'stdout').toString()).toBe('begun\nlast words\n');
  expect(agent.controlPlane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
});
