import { describe, expect, it } from 'vitest';
import type { ExitSignal } from '../../../shared/protocol/signals.ts';
import type { AgentProcess } from '../../kit/agent/agent-process.ts';
import { createAgentSuite } from '../../kit/agent/agent-suite.ts';

const { start } = createAgentSuite();

function exitSignal(agent: AgentProcess): ExitSignal {
  return agent.controlPlane.signals.find(({ kind }) => kind === 'exit')?.body as ExitSignal;
}

describe('the usage that an agent reports', () => {
  it('has the processor time of the build as time(1) has it, to the last moment', async () => {
    const agent = await start();
    const busy = `bash -c "time -p awk 'BEGIN { for (i = 0; i < 1e8; i++) x += i }'"`;
    await agent.startProcess('busy', { command: { shell: busy } });
    await agent.exited('busy');
    const timed = (await agent.output('busy', 'stream=stderr')).toString();
    const seconds = (name: string): number => Number(new RegExp(`^${name} ([0-9.]+)$`, 'm').exec(timed)?.[1]);
    await agent.call('POST', '/v1/shutdown');
    await agent.ended;
    const { cpuSeconds } = exitSignal(agent).usage ?? {};
    expect(Math.abs((cpuSeconds ?? 0) / (seconds('user') + seconds('sys')) - 1)).toBeLessThan(0.02);
  });

  it('has in the exit signal what a build of a moment wrote', async () => {
    const agent = await start();
    await agent.startProcess('quick', { command: { shell: 'head -c 5000000 /dev/zero >made' } });
    await agent.exited('quick');
    await agent.call('POST', '/v1/shutdown');
    await agent.ended;
    expect(exitSignal(agent).disk).toBeGreaterThanOrEqual(0.005);
  });
});
