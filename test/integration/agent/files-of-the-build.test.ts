import { describe, expect, it } from 'vitest';
import { whyNoContainer } from '../../kit/agent/agent-container.ts';
import type { AgentProcess } from '../../kit/agent/agent-process.ts';
import { createAgentSuite, skipped } from '../../kit/agent/agent-suite.ts';

const { startInContainer } = createAgentSuite();
const skipReason = whyNoContainer();
// The id that useradd gives the account in test/kit/agent/agent-container.ts.
const WORKLOAD_UID = 12_345;

/** Runs the command line as the build's user to its end. Returns its output. */
async function asBuild(agent: AgentProcess, key: string, shell: string): Promise<string> {
  await agent.startProcess(key, { command: { shell } });
  await agent.exited(key);
  return (await agent.output(key)).toString();
}

const filesUrl = (path: string): string => `/v1/files?path=${encodeURIComponent(path)}&mode=600`;

describe.skipIf(skipReason)(
  `files that the agent, as root, reads and writes for the build${skipped(skipReason)}`,
  () => {
    it('belong to the build and not to root', async () => {
      const { agent } = await startInContainer();
      expect((await agent.call('PUT', filesUrl('.wip-build/ssh/source'), 'a key')).status).toBe(200);
      expect(await asBuild(agent, 'owner', 'stat -c "%u %a" "$HOME/.wip-build/ssh/source" "$HOME/.wip-build"')).toBe(
        `${WORKLOAD_UID} 600\n${WORKLOAD_UID} 700\n`,
      );
    });

    it('are written nowhere that a symbolic link of the build leads to and the build may not write', async () => {
      const { agent } = await startInContainer();
      await asBuild(agent, 'trap', 'mkdir -p $HOME/.wip-build && ln -s /root $HOME/.wip-build/ssh');
      const written = await agent.json<{ code: string; message: string }>(
        'PUT',
        filesUrl('.wip-build/ssh/source'),
        'x',
      );
      expect(written.body).toMatchObject({
        code: 'FILE_REFUSED',
        message: expect.stringContaining('Permission denied') as string,
      });
      await agent.startProcess('look', { command: ['ls', '/root'], user: 'root' });
      await agent.exited('look');
      expect((await agent.output('look')).toString()).not.toContain('source');
    });

    it('are read from nowhere that a symbolic link of the build leads to and the build may not read', async () => {
      const { agent } = await startInContainer();
      await asBuild(agent, 'trap', 'ln -s /etc/shadow $HOME/result.json; ln -s /proc/1/environ $HOME/environ');
      for (const name of ['result.json', 'environ']) {
        const read = await agent.json<{ code: string; message: string }>('GET', `/v1/files?path=${name}`);
        expect(read.body).toMatchObject({ code: 'FILE_REFUSED' });
        expect(JSON.stringify(read.body)).not.toContain('local:!');
      }
    });
  },
);
