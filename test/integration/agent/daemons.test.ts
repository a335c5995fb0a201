import { describe, expect, it } from 'vitest';
import type { ExitSignal, Usage } from '../../../shared/protocol/signals.ts';
import { SCRATCH, whyNoContainer, type AgentContainerOptions } from '../../kit/agent/agent-container.ts';
import type { AgentProcess } from '../../kit/agent/agent-process.ts';
import { createAgentSuite, skipped } from '../../kit/agent/agent-suite.ts';
import { eventually } from '../../kit/eventually.ts';

const { startInContainer } = createAgentSuite();
const skipReason = whyNoContainer();
const WALK = `[disk]\nmax_workload = 0.05\npaths = ${SCRATCH}\nmethod = changed-files\n`;
// Images start the agent below tini, below a script, or below a script that tini runs.
const INITS: [string, AgentContainerOptions][] = [
  ['tini', {}],
  ['a script', { init: 'script', script: '"$@" & wait $!' }],
  ['a script below tini', { init: 'script', script: `exec tini -- sh -c '"$@" & wait $!' init "$@"` }],
];

/**
 * Starts a process whose parent has ended, with its own session, an empty environment and none of the build's streams.
 */
function daemon(script: string): string {
  return `(setsid env -i /bin/sh -c '${script}' </dev/null >/dev/null 2>&1 &)`;
}

function exitSignal(agent: AgentProcess): ExitSignal {
  return agent.controlPlane.signals.find(({ kind }) => kind === 'exit')?.body as ExitSignal;
}

async function usage(agent: AgentProcess): Promise<Usage> {
  return (await agent.json<{ usage: Usage }>('GET', '/v1/usage')).body.usage;
}

describe.skipIf(skipReason)(`a daemon that emptied its environment, in a container${skipped(skipReason)}`, () => {
  it.each(INITS)('is seen by the disk limit, deleted file and all, under %s', async (_name, container) => {
    const { agent } = await startInContainer({ ...container, config: WALK });
    const greedy = `exec 3>${SCRATCH}/gone; rm ${SCRATCH}/gone; head -c 100000000 /dev/zero >&3; exec sleep 300`;
    await agent.startProcess('build', { command: { shell: daemon(greedy) } });
    expect((await agent.exited('build')).result).toMatchObject({ exitCode: 0 });
    expect(await agent.ended).toBe(70);
    expect(exitSignal(agent)).toMatchObject({ cause: 'limit-disk', usage: { disk: { confidence: 'estimated' } } });
  });

  it('is ended where a script is process 1 and goes on, and a bystander of that script is not', async () => {
    // The exit code tells which processes live: 1 is added for the daemon, 2 for a missing bystander.
    const script = [
      'sleep 299 & bystander=$!; "$@" & wait $!; code=0',
      `kill -0 "$(cat ${SCRATCH}/daemon)" 2>/dev/null && code=1`,
      'kill -0 $bystander || code=$((code + 2))',
      'exit $code',
    ].join('\n');
    const { agent } = await startInContainer({ init: 'script', script });
    const stubborn = `trap "" TERM HUP INT; echo $$ >${SCRATCH}/daemon; while :; do sleep 0.1; done`;
    const there = `until [ -s ${SCRATCH}/daemon ]; do sleep 0.05; done`;
    await agent.startProcess('build', { command: { shell: `${daemon(stubborn)}; ${there}` } });
    await agent.exited('build');
    await agent.call('POST', '/v1/shutdown');
    expect(await agent.ended).toBe(0);
    expect(exitSignal(agent).cause).toBe('shutdown-file');
  });

  it('counts as progress of the process that has left its work to it', async () => {
    const { agent } = await startInContainer();
    await agent.startProcess('build', { command: { shell: `${daemon('while :; do :; done')}; exec sleep 300` } });
    const progress = async (): Promise<number> => {
      const { body } = await agent.json<{ progress: number }>('GET', '/v1/processes/build');
      return body.progress;
    };
    const first = await eventually('progress', progress);
    await eventually('more progress', async () => (await progress()) >= first + 100);
    expect((await usage(agent)).processes.peak).toBeGreaterThanOrEqual(2);
  });
});
