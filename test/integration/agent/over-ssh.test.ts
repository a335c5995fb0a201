import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectAgent, type AgentClient } from '../../../controlplane/ssh/agent-client.ts';
import { AgentProcess } from '../../kit/agent/agent-process.ts';
import { eventually } from '../../kit/eventually.ts';

let agent: AgentProcess;
let client: AgentClient;
beforeEach(async () => {
  agent = await AgentProcess.start();
  const { host = '', ports } = await agent.ready();
  const [enrolment] = agent.controlPlane.enrolments;
  client = await connectAgent({
    host,
    port: ports?.['22'] ?? 0,
    user: 'root',
    privateKey: agent.controlPlane.clientKeys.privateKey,
    hostKeyLine: enrolment?.hostKey ?? '',
    timeoutMs: 10_000,
    keepaliveMs: 5_000,
  });
});
afterEach(async () => {
  await client.close();
  await agent.close();
});

describe('the control plane at an agent', () => {
  it('proves it ready, gives it secrets, runs a process and reads what it wrote', async () => {
    expect(await client.health('a-nonce')).toMatchObject({ phase: 'ready', nonce: 'a-nonce' });
    await client.putEnvironment({ secure: { TOKEN: 'very-secret' } });
    await client.writeFile({ path: 'script', mode: 0o700, content: '#!/bin/sh\necho "token $TOKEN"\n' });
    const started = await client.startProcess('run', { command: { shell: './script' } });
    expect(started.state).toBe('running');
    const ended = await eventually('the end', async () => {
      const status = await client.processStatus('run');
      return status.state === 'exited' ? status : undefined;
    });
    expect(ended.result).toMatchObject({ exitCode: 0, reason: 'exited' });
    const { offset, bytes } = await client.processOutput('run', 'stdout', 0, 1_000);
    expect([offset, bytes.toString()]).toEqual([0, 'token ***********\n']);
    expect((await client.usage()).processes.started).toBe(1);
  });

  it('runs commands over SSH, whose daemons end with the container', async () => {
    const outcome = await client.exec(
      'echo out; echo err >&2; setsid sleep 300 >/dev/null 2>&1 & echo $! >daemon; exit 3',
    );
    expect(outcome).toMatchObject({ exitCode: 3 });
    expect([outcome.stdout.toString(), outcome.stderr.toString()]).toEqual(['out\n', 'err\n']);
    const daemon = Number((await client.readFile({ path: 'daemon' })).toString());
    await client.shutdown();
    expect(await agent.ended).toBe(0);
    await eventually('the end of the daemon', () => !isRunning(daemon));
    expect(agent.controlPlane.kinds).toEqual(['ready', 'exit']);
  });

  it.each([
    ['> /dev/stderr', 'echo hello > /dev/stderr', 'stderr'],
    ['tee /dev/stdout', 'echo hello | tee /dev/stdout', 'stdout'],
    ['>> /proc/self/fd/1', 'echo hello >> /proc/self/fd/1', 'stdout'],
    ['cat /dev/stdin', 'cat /dev/stdin && echo hello', 'stdout'],
    ['a test for pipes', 'test -p /dev/stdin && test -p /dev/stdout && test -p /dev/stderr && echo hello', 'stdout'],
  ] as const)(
    'runs commands over SSH that open their streams by name, without "No such device or address": %s',
    async (_how, command, stream) => {
      const outcome = await client.exec(`${command}; echo $? >&2`);
      expect(outcome.stderr.toString().replace(/^hello\n/, '')).toBe('0\n');
      expect(outcome[stream].toString()).toMatch(/^hello\n/);
    },
  );

  it('leaves no descriptor behind in the agent by running commands and processes with input', async () => {
    const descriptors = (): number => readdirSync(`/proc/${agent.pid}/fd`).length;
    await client.exec('true');
    await client.startProcess('input-0', { command: ['true'], stdin: 'unread\n'.repeat(20_000) });
    const before = descriptors();
    for (let run = 1; run <= 10; run += 1) {
      await client.exec('true');
      await client.startProcess(`input-${run}`, { command: ['true'], stdin: 'unread\n'.repeat(20_000) });
    }
    await eventually(`not more than ${before} descriptors`, () => descriptors() <= before);
  });

  it('gets the codes of the agent for what goes wrong', async () => {
    await client.startProcess('one', { command: ['sleep', '60'] });
    await expect(client.startProcess('one', { command: ['sleep', '61'] })).rejects.toMatchObject({
      code: 'PROCESS_CONFLICT',
    });
    await expect(client.processStatus('other')).rejects.toMatchObject({ code: 'PROCESS_UNKNOWN' });
    await expect(client.readFile({ path: '/no/such' })).rejects.toMatchObject({ code: 'FILE_REFUSED' });
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // ESRCH: no such process
  }
}
