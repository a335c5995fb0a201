import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ExitSignal, OutputSignal, ProcessCompleteSignal } from '../../../shared/protocol/signals.ts';
import type { AgentProcess } from '../../kit/agent/agent-process.ts';
import { createAgentSuite } from '../../kit/agent/agent-suite.ts';
import { eventually } from '../../kit/eventually.ts';

const { start } = createAgentSuite();

function sent<T>(agent: AgentProcess, kind: string): T {
  const found = agent.controlPlane.signals.find((signal) => signal.kind === kind);
  if (!found) throw new Error(`no signal ${kind}: ${agent.log}`);
  return found.body as unknown as T;
}

const text = (base64: string): string => Buffer.from(base64, 'base64').toString();

describe('the end of an agent', () => {
  it.each<[string, (path: string) => void]>([
    ['file', (path) => writeFileSync(path, '')],
    ['directory', (path) => mkdirSync(path)],
    ['dangling link', (path) => symlinkSync('/nowhere', path)],
  ])('comes with exit code 0 when the shutdown file is a %s', async (_what, make) => {
    const agent = await start();
    await agent.ready();
    make(agent.shutdownFile);
    expect(await agent.ended).toBe(0);
    expect(agent.controlPlane.kinds).toEqual(['ready', 'exit']);
    expect(sent<ExitSignal>(agent, 'exit')).toMatchObject({
      cause: 'shutdown-file',
      causes: ['shutdown-file'],
      exitCode: 0,
    });
  });

  it('sends output, then process-complete, then exit, when something was running', async () => {
    const agent = await start();
    await agent.startProcess('build', { command: { shell: 'echo at work; trap "" TERM; sleep 300' } });
    await eventually('output', async () => (await agent.output('build')).length > 0);
    expect((await agent.call('POST', '/v1/shutdown')).status).toBe(202);
    expect(await agent.ended).toBe(0);
    expect(agent.controlPlane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    const output = sent<OutputSignal>(agent, 'output');
    expect(output).toMatchObject({
      exitLog: 'The container was told to shut down.',
      log: 'at work\n',
      process: { id: 'build' },
    });
    expect(text(output.stdout?.head ?? '')).toBe('at work\n');
    expect(sent<ProcessCompleteSignal>(agent, 'processComplete').result).toMatchObject({ reason: 'shutdown-file' });
  });

  it('leaves nothing of a tree that ignores TERM and tries to hide', async () => {
    const agent = await start();
    const script = 'trap "" TERM; (trap "" TERM; setsid sh -c "trap \'\' TERM; echo \\$\\$; sleep 300") & sleep 300';
    await agent.startProcess('stubborn', { command: { shell: script } });
    const hidden = await eventually('the hidden one', async () =>
      Number((await agent.output('stubborn')).toString().trim()),
    );
    writeFileSync(agent.shutdownFile, '');
    expect(await agent.ended).toBe(0);
    // The process is dead at once. Its entry goes when the machine's init has reaped it.
    await eventually('the reaping', () => !existsSync(`/proc/${hidden}`));
  });

  it('comes for the disk limit with the figures and the last output, exit code 70', async () => {
    const agent = await start({ config: '[disk]\ninitial_size = 1.7\nmax_workload = 0.02\n' });
    const script =
      'for i in $(seq 50); do echo "piece $i"; dd if=/dev/zero of=piece.$i bs=1M count=2 status=none; sleep 0.05; done; sleep 60';
    await agent.startProcess('filler', { command: { shell: script } });
    expect(await agent.ended).toBe(70);
    expect(agent.controlPlane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    const output = sent<OutputSignal>(agent, 'output');
    expect(output.exitLog).toMatch(
      /^The disk limit was exceeded: the build used 0\.0\d+ GB|^The disk limit was exceeded: the build used 0\.\d GB/,
    );
    expect(output.exitLog).toContain('the container itself used 1.7 GB at start.');
    expect(output.log).toContain('piece 1\n');
    const exit = sent<ExitSignal>(agent, 'exit');
    expect(exit).toMatchObject({ cause: 'limit-disk', exitCode: 70, usage: { disk: { method: 'changed-files' } } });
    expect(exit.disk).toBeGreaterThan(0.02);
    expect(sent<ProcessCompleteSignal>(agent, 'processComplete').result).toMatchObject({
      signal: 'SIGKILL',
      reason: 'limit-disk',
    });
  });

  it('comes for the time limit, which WORKLOAD_MAX_TIME may lower, exit code 72', async () => {
    // The start of the agent counts, and takes its time on a busy machine.
    const agent = await start({ environment: { WORKLOAD_MAX_TIME: '6' } });
    await agent.startProcess('long', { command: ['sleep', '300'] });
    expect(await agent.ended).toBe(72);
    expect(sent<OutputSignal>(agent, 'output').exitLog).toMatch(
      /^The time limit was exceeded: the container ran for 6\.\d+ s of 6 s\.$/,
    );
  });

  it('comes when a command makes no progress, exit code 73', async () => {
    const agent = await start({ config: '[time]\nno_progress = 1\n' });
    await agent.startProcess('stuck', { command: ['sleep', '300'] });
    expect(await agent.ended).toBe(73);
    expect(sent<ProcessCompleteSignal>(agent, 'processComplete').result.reason).toBe('no-progress');
  });

  it('names the command that makes no progress, and not an innocent one beside it', async () => {
    const agent = await start({ config: '[time]\nno_progress = 1\n' });
    await agent.startProcess('stuck', { command: { shell: 'echo waits; exec sleep 300' } });
    await agent.startProcess('busy', { command: { shell: 'while :; do echo x; sleep 0.05; done' } });
    expect(await agent.ended).toBe(73);
    const { process, log, exitLog } = sent<OutputSignal>(agent, 'output');
    expect({ id: process?.id, log }).toEqual({ id: 'stuck', log: 'waits\n' });
    expect(exitLog).toContain('in its process stuck');
  });

  it('names nobody where it is not known who has filled the disk', async () => {
    const agent = await start({ config: '[disk]\nmax_workload = 0.02\n' });
    const fills = 'echo fills; until [ -e go ]; do sleep 0.05; done; head -c 50000000 /dev/zero >big; sleep 300';
    await agent.startProcess('culprit', { command: { shell: fills } });
    await agent.startProcess('innocent', { command: { shell: 'echo innocent; : >go; sleep 300' } });
    expect(await agent.ended).toBe(70);
    const { process, stdout, log, exitLog } = sent<OutputSignal>(agent, 'output');
    expect([process, stdout]).toEqual([undefined, undefined]);
    expect(log).toBe('--- culprit ---\nfills\n--- innocent ---\ninnocent\n');
    expect(exitLog).toMatch(/\(culprit, innocent\), and it is not known which of them it was\.$/);
  });

  it('comes with its last words from a build that ignores SIGTERM, also when stop_budget is 5 s', async () => {
    const agent = await start({ config: '[shutdown]\nstop_budget = 5\n' });
    await agent.startProcess('stubborn', {
      command: { shell: 'trap "" TERM; echo begun; while :; do sleep 0.1; done' },
    });
    await eventually('the first line', async () => (await agent.output('stubborn')).length > 0);
    // The first request is never answered, which must not take the whole budget.
    agent.controlPlane.failNext('signal', 'hang');
    agent.child.kill('SIGTERM');
    expect(await agent.ended).toBe(143);
    expect(agent.controlPlane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    expect(sent<ProcessCompleteSignal>(agent, 'processComplete').result.signal).toBe('SIGKILL');
  });

  it('does not wait for a control plane that is gone longer than the stop budget after SIGTERM', async () => {
    const agent = await start({ config: '[shutdown]\nstop_budget = 5\n' });
    await agent.ready();
    agent.controlPlane.failNext('signal', ...Array<'reset'>(1_000).fill('reset'));
    writeFileSync(agent.shutdownFile, '');
    await eventually('stopping', () => agent.log.includes('"msg":"stopping"'));
    agent.child.kill('SIGTERM');
    expect(await agent.ended).toBe(0);
    expect(agent.controlPlane.kinds).toEqual(['ready']);
  });
});

describe('heartbeats of an agent', () => {
  it('carry usage and progress', async () => {
    const agent = await start({ heartbeatSeconds: 1 });
    await agent.startProcess('busy', { command: { shell: 'while :; do echo x; sleep 0.05; done' } });
    const heartbeat = await eventually('progress', () =>
      agent.controlPlane.heartbeats.find((beat) => beat.progress > 0),
    );
    expect(heartbeat.usage.processes.started).toBe(1);
    expect(heartbeat.secondsToTimeLimit).toBeGreaterThan(3_000);
  });

  it('know the memory of a build that lives half a second', async () => {
    const agent = await start({});
    await agent.startProcess('short', { command: { shell: 'sleep 0.4' } });
    await eventually('its end', () => agent.controlPlane.kinds.includes('processComplete'));
    writeFileSync(agent.shutdownFile, '');
    await agent.ended;
    const { usage } = sent<ExitSignal>(agent, 'exit');
    expect(usage?.memoryPeakBytes).toBeGreaterThan(100_000);
    expect(usage?.processes).toEqual({ started: 1, peak: 1 });
  });
});
