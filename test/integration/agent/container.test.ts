import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SSHD } from '../../../agent/ssh/require-sshd.ts';
import type { ExitSignal, OutputSignal, ProcessCompleteSignal } from '../../../shared/protocol/signals.ts';
import { whyNoContainer, whyNoGroups } from '../../kit/agent/agent-container.ts';
import type { AgentProcess } from '../../kit/agent/agent-process.ts';
import { createAgentSuite, skipped } from '../../kit/agent/agent-suite.ts';
import { eventually } from '../../kit/eventually.ts';
import { execAs } from '../../kit/agent/exec-as.ts';

const { startInContainer } = createAgentSuite();
const skipReason = whyNoContainer();
const noGroups = whyNoGroups();

/** Runs the command line to its end. Returns its output. */
async function outputOf(agent: AgentProcess, key: string, shell: string): Promise<string> {
  await agent.startProcess(key, { command: { shell } });
  await agent.exited(key);
  return (await agent.output(key)).toString();
}

function exitSignal(agent: AgentProcess): ExitSignal {
  return agent.controlPlane.signals.find(({ kind }) => kind === 'exit')?.body as ExitSignal;
}

describe.skipIf(skipReason)(`an agent in a container of its own${skipped(skipReason)}`, () => {
  it('under tini leaves none of 20 orphans as a zombie', async () => {
    const { agent } = await startInContainer();
    const orphans = 'for i in $(seq 20); do (setsid sh -c "sleep 0.1" &); done; sleep 0.5; ps -eo stat= | grep -c Z';
    expect(await outputOf(agent, 'orphans', orphans)).toBe('0\n');
  });

  it('refuses to be process 1, and tells the control plane both ways out', async () => {
    const { agent } = await startInContainer({ init: 'agent' });
    expect(await agent.ended).toBe(78);
    expect(agent.controlPlane.kinds).toEqual(['output', 'exit']);
    const { exitLog } = agent.controlPlane.signals[0]?.body as OutputSignal;
    expect(exitLog).toMatch(/tini -s -- wip-agent.*initProcessEnabled/);
  });

  it('kills no bystander where it cannot prove that it is alone', async () => {
    const script = 'sleep 300 & bystander=$!; "$@" & wait $!; kill -0 $bystander && exit 99';
    const { agent } = await startInContainer({ init: 'script', script });
    await agent.startProcess('build', { command: ['sleep', '300'] });
    await agent.call('POST', '/v1/shutdown');
    expect(await agent.ended).toBe(99);
    expect(exitSignal(agent).cause).toBe('shutdown-file');
  });

  it('ends once and says it once when SIGTERM comes twice', async () => {
    const { agent } = await startInContainer();
    await agent.startProcess('stubborn', { command: { shell: 'trap "echo asked" TERM; while :; do sleep 0.1; done' } });
    await agent.ready();
    const { pid } = agent;
    process.kill(pid, 'SIGTERM');
    await eventually('the stop', () => agent.log.includes('"msg":"stopping"'));
    process.kill(pid, 'SIGTERM');
    expect(await agent.ended).toBe(143);
    expect(agent.controlPlane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    expect(exitSignal(agent).causes).toEqual(['sigterm']);
  });

  it('takes the container along when it is killed itself', async () => {
    const { agent } = await startInContainer();
    await agent.startProcess('build', { command: ['sleep', '300'] });
    process.kill(agent.pid, 'SIGKILL');
    expect(await agent.ended).toBe(137); // tini says 128 + SIGKILL
    expect(agent.controlPlane.kinds).toEqual(['ready']);
  });

  it('runs the build as its user, with none of the agent in its environment', async () => {
    const { agent } = await startInContainer();
    expect(await outputOf(agent, 'who', 'id -un; env | grep -c -e SIGNAL_URL -e WIP_ENROL')).toBe('local\n0\n');
    expect(
      await outputOf(agent, 'spy', 'cat /proc/$PPID/environ /var/lib/wip-agent/spool 2>&1 | head -c 1000'),
    ).toMatch(/^(cat: .*Permission denied\n)+$/);
  });

  it.skipIf(!existsSync(SSHD))(
    'has its own sshd, too, for root and for the user whose password is locked (needs openssh-server)',
    async () => {
      const { agent } = await startInContainer({ config: '[ssh]\nserver = openssh\nport = 0\n' });
      for (const user of ['root', 'local']) expect(await execAs(agent, user, 'id -un')).toBe(`${user}\n`);
      await agent.call('POST', '/v1/shutdown');
      expect(await agent.ended).toBe(0);
    },
  );

  it.skipIf(!existsSync(SSHD))('does not hang because of what .bashrc waits for (needs openssh-server)', async () => {
    const shell = 'sed -i "s|^\\(root:.*:\\).*|\\1/bin/bash|" /etc/passwd; echo "sleep 300" >/root/.bashrc';
    const script = `${shell}; exec tini -s -- "$@"`;
    const config = '[ssh]\nserver = openssh\nport = 0\n';
    const { agent } = await startInContainer({ init: 'script', script, config });
    expect(await execAs(agent, 'root', 'echo $BASH')).toMatch(/bash\n$/);
  });

  it.skipIf(noGroups)(
    `tells while it lives that a child was killed for want of memory${skipped(noGroups)}`,
    async () => {
      const { agent } = await startInContainer({ memoryBytes: 300 * 1024 * 1024 });
      await agent.startProcess('greedy', { command: { shell: 'head -c 600m /dev/zero | tail | wc -c; kill -9 $$' } });
      expect((await agent.exited('greedy')).result?.reason).toBe('oom');
      await eventually('process complete', () => agent.controlPlane.kinds.includes('processComplete'));
      const complete = agent.controlPlane.signals.at(-1)?.body as ProcessCompleteSignal;
      expect(complete.result).toMatchObject({ reason: 'oom', signal: 'SIGKILL' });
      const make = 'head -c 600m /dev/zero | tail >/dev/null || exit 2';
      await agent.startProcess('make', { command: { shell: make } });
      expect((await agent.exited('make')).result).toMatchObject({ exitCode: 2, signal: null, reason: 'oom' });
      await agent.startProcess('after', { command: ['true'] });
      expect((await agent.exited('after')).result).toMatchObject({ exitCode: 0, reason: 'exited' });
      await agent.call('POST', '/v1/shutdown');
      expect(await agent.ended).toBe(0);
      expect(exitSignal(agent).usage?.oomKills).toBeGreaterThanOrEqual(1);
    },
  );

  it('counts what the build left on the disk as du does', async () => {
    const { agent } = await startInContainer();
    const made =
      'mkdir /wip-scratch/made; cd /wip-scratch/made; head -c 40000000 /dev/zero >a; ln a b; truncate -s 1G sparse; du -sB1 .';
    const duBytes = Number.parseInt(await outputOf(agent, 'build', made), 10);
    await agent.call('POST', '/v1/shutdown');
    await agent.ended;
    const { disk } = exitSignal(agent).usage ?? {};
    expect(disk).toMatchObject({ method: 'statfs', confidence: 'exact' });
    expect(Math.abs((disk?.workloadBytes ?? 0) / duBytes - 1)).toBeLessThan(0.02);
  });
});
