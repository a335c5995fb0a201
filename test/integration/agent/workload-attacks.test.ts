import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SCRATCH, whyNoContainer } from '../../kit/agent/agent-container.ts';
import { createAgentSuite, skipped } from '../../kit/agent/agent-suite.ts';

const { startInContainer } = createAgentSuite();
const skipReason = whyNoContainer();

// The agent is the parent of the process's shell. Its directory and socket are those of config.ini.
const ATTACKS = {
  'signals the agent': 'kill -TERM $PPID; kill -KILL $PPID',
  'reads the environment of the agent': 'cat /proc/$PPID/environ',
  'reads the memory of the agent': 'head -c 1 /proc/$PPID/mem',
  'reads the open files of the agent': 'ls /proc/$PPID/fd/',
  'reads the spool of the agent': 'cat /var/lib/wip-agent/spool',
  'changes its limits': 'echo "[disk]" >>/etc/buildcontainer/config.ini',
  'reads what only root may read': 'cat /etc/shadow',
  'lists the directory of the socket': 'ls /run/wip-agent/',
} as const;

describe.skipIf(skipReason)(`a build with a shell${skipped(skipReason)}`, () => {
  it.each(Object.entries(ATTACKS))('that %s is refused, and the agent goes on', async (_what, shell) => {
    const { agent } = await startInContainer();
    // Each command runs in a child of the shell: a shell that replaces itself would have another parent.
    await agent.startProcess('attack', { command: { shell: `( ${shell} ) 2>&1 && echo DONE; true` } });
    await agent.exited('attack');
    const output = (await agent.output('attack')).toString();
    expect(output).toMatch(/Permission denied|Operation not permitted/i);
    expect(output).not.toContain('DONE');
    await agent.startProcess('after', { command: ['true'] });
    expect((await agent.exited('after')).result).toMatchObject({ exitCode: 0 });
  });

  it.skipIf(!existsSync('/usr/bin/curl'))('that calls the agent API is refused (needs curl)', async () => {
    const { agent } = await startInContainer();
    const { socket = '' } = await agent.ready();
    const call = `curl -sS -m 5 --unix-socket ${socket} http://agent/v1/health -o ${SCRATCH}/answer; echo $?`;
    await agent.startProcess('attack', { command: { shell: call } });
    await agent.exited('attack');
    expect((await agent.output('attack')).toString()).toBe('7\n'); // curl's "Failed to connect"
  });
});
