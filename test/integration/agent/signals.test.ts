import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ExitSignal, OutputSignal } from '../../../shared/protocol/signals.ts';
import { createAgentSuite } from '../../kit/agent/agent-suite.ts';
import { eventually } from '../../kit/eventually.ts';

const { start } = createAgentSuite();

describe('the agent as a program that gets signals', () => {
  it('ends on SIGTERM with everything said, exit code 143', async () => {
    const agent = await start();
    await agent.startProcess('build', { command: { shell: 'echo working; sleep 300' } });
    await eventually('output', async () => (await agent.output('build')).length > 0);
    agent.child.kill('SIGTERM');
    expect(await agent.ended).toBe(143);
    expect(agent.controlPlane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    expect(agent.controlPlane.signals.at(-1)?.body as ExitSignal).toMatchObject({ cause: 'sigterm', exitCode: 143 });
  });

  it.each(['SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGXCPU', 'SIGPWR'] as const)(
    'ends on %s with everything said, as on SIGTERM, and names it',
    async (signal) => {
      const agent = await start();
      await agent.startProcess('build', { command: { shell: 'echo working; sleep 300' } });
      await eventually('output', async () => (await agent.output('build')).length > 0);
      agent.child.kill(signal);
      expect(await agent.ended).toBe(143);
      expect(agent.controlPlane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
      const { exitLog } = agent.controlPlane.signals[1]?.body as OutputSignal;
      expect(exitLog).toBe(`The container was stopped from outside (${signal}).`);
      expect(agent.log).not.toContain('Debugger listening');
    },
  );

  it('stopped and continued, so that SIGTERM and the shutdown file are there in the same moment, ends once', async () => {
    const agent = await start();
    await agent.startProcess('build', { command: ['sleep', '300'] });
    process.kill(agent.pid, 'SIGSTOP');
    writeFileSync(agent.shutdownFile, '');
    process.kill(agent.pid, 'SIGTERM');
    process.kill(agent.pid, 'SIGTERM');
    process.kill(agent.pid, 'SIGCONT');
    const exitCode = await agent.ended;
    expect(agent.controlPlane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    // Either of the two may be seen first. The exit code is that of the cause that is named first.
    const exit = agent.controlPlane.signals.at(-1)?.body as ExitSignal;
    const code = { sigterm: 143, 'shutdown-file': 0 }[String(exit.cause)];
    expect([exit.exitCode, exitCode]).toEqual([code, code]);
  });
});
