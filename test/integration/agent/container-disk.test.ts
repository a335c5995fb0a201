import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExitSignal, OutputSignal } from '../../../shared/protocol/signals.ts';
import { SCRATCH, whyNoContainer } from '../../kit/agent/agent-container.ts';
import type { AgentProcess } from '../../kit/agent/agent-process.ts';
import { AGENT_STATE_DIRECTORY } from '../../../shared/system/agent-files.ts';
import { createAgentSuite, skipped } from '../../kit/agent/agent-suite.ts';
import { eventually } from '../../kit/eventually.ts';

const { startInContainer } = createAgentSuite();
const skipReason = whyNoContainer();
const MB = 1_000_000;
const WALK = 'method = changed-files';

function body<T>(agent: AgentProcess, kind: string): T {
  const found = agent.controlPlane.signals.find((signal) => signal.kind === kind);
  if (!found) throw new Error(`no signal ${kind}: ${agent.log}`);
  return found.body as unknown as T;
}

async function end(agent: AgentProcess): Promise<ExitSignal> {
  await agent.call('POST', '/v1/shutdown');
  await agent.ended;
  return body<ExitSignal>(agent, 'exit');
}

/** Resolves when the agent has reported a measurement that it made after the call. */
async function nextHeartbeats(agent: AgentProcess): Promise<void> {
  const { length } = agent.controlPlane.heartbeats;
  await eventually('two more heartbeats', () => agent.controlPlane.heartbeats.length > length + 1);
}

describe.skipIf(skipReason)(`the disk of a container${skipped(skipReason)}`, () => {
  it('on a filesystem of its own is measured by the filesystem, deleted files included', async () => {
    const { agent } = await startInContainer({ config: '[disk]\nmax_workload = 0.05\npaths = /\nmethod = statfs\n' });
    const shell = `cd ${SCRATCH}; exec 3>gone; rm gone; head -c 90000000 /dev/zero >&3; sleep 300`;
    await agent.startProcess('hides', { command: { shell } });
    expect(await agent.ended).toBe(70);
    expect(body<ExitSignal>(agent, 'exit')).toMatchObject({
      cause: 'limit-disk',
      usage: { disk: { method: 'statfs', confidence: 'exact' } },
    });
  });

  it('that a build fills as fast as it can is stopped within 1.2 GB over the limit', async () => {
    const config = '[disk]\nmax_workload = 0.5\nmethod = statfs\n';
    const { agent } = await startInContainer({ config, diskBytes: 3_000 * MB });
    await agent.startProcess('fills', {
      command: { shell: `dd if=/dev/zero of=${SCRATCH}/big bs=1M count=2800; sleep 300` },
    });
    expect(await agent.ended).toBe(70);
    const { disk } = body<ExitSignal>(agent, 'exit').usage ?? {};
    expect(disk?.peakBytes).toBeGreaterThan(500 * MB);
    expect(disk?.peakBytes).toBeLessThan(1_700 * MB);
  });

  it('that others share counts what the build wrote, deleted files that it holds open included', async () => {
    const { agent } = await startInContainer({ config: `[disk]\nmax_workload = 0.03\npaths = ${SCRATCH}\n${WALK}\n` });
    const shell = `cd ${SCRATCH}; exec 3>gone; rm gone; head -c 60000000 /dev/zero >&3; sleep 300`;
    await agent.startProcess('hides', { command: { shell } });
    expect(await agent.ended).toBe(70);
    expect(body<ExitSignal>(agent, 'exit').usage?.disk).toMatchObject({ confidence: 'estimated' });
  });

  it('that others share counts deleted files in an image in which an agent has run, too', async () => {
    const config = `[disk]\nmax_workload = 0.03\npaths = ${SCRATCH}\n${WALK}\n`;
    const { agent } = await startInContainer({ config, imageFiles: [join(AGENT_STATE_DIRECTORY, 'started')] });
    const shell = `cd ${SCRATCH}; exec 3>gone; rm gone; head -c 60000000 /dev/zero >&3; sleep 300`;
    await agent.startProcess('hides', { command: { shell } });
    expect(await agent.ended).toBe(70);
  });

  it('that a neighbour writes to is not the fault of an innocent build', async () => {
    const config = `[disk]\nmax_workload = 0.03\nreserve = 0.02\npaths = ${SCRATCH}\n${WALK}\n`;
    const { agent, place } = await startInContainer({ config }, { heartbeatSeconds: 1 });
    await agent.startProcess('innocent', {
      command: { shell: `head -c 5000000 /dev/zero >${SCRATCH}/made; sleep 300` },
    });
    const neighbour = join(place.diskPath(), 'neighbour');
    writeFileSync(neighbour, Buffer.alloc(120 * MB));
    await nextHeartbeats(agent);
    rmSync(neighbour);
    const { cause, disk } = await end(agent);
    expect(cause).toBe('shutdown-file');
    expect(disk).toBeGreaterThanOrEqual(0.005);
    expect(disk).toBeLessThan(0.01);
  });

  it('that a neighbour has filled is told to be that, and not the limit of the build', async () => {
    const config = `[disk]\nreserve = 0.1\npaths = ${SCRATCH}\n${WALK}\n`;
    const { agent, place } = await startInContainer({ config });
    await agent.startProcess('innocent', { command: ['sleep', '300'] });
    writeFileSync(join(place.diskPath(), 'neighbour'), Buffer.alloc(180 * MB));
    expect(await agent.ended).toBe(74);
    expect(body<OutputSignal>(agent, 'output').exitLog).toContain('The build is not to blame; start it again.');
  });

  it('counts files of the image that the build overwrites, and gives nothing for those it deletes', async () => {
    const { agent } = await startInContainer({ config: `[disk]\nmax_workload = 0.03\npaths = /usr/bin\n${WALK}\n` });
    const shell = 'rm -f /usr/bin/p*; head -c 40000000 /dev/zero >/usr/bin/awk; sleep 300';
    await agent.startProcess('replaces', { command: { shell }, user: 'root' });
    expect(await agent.ended).toBe(70);
    expect(body<ExitSignal>(agent, 'exit').disk).toBeGreaterThan(0.039);
  });

  it('has a limit of files', async () => {
    const { agent } = await startInContainer({ config: '[disk]\nmax_inodes = 500\n' });
    await agent.startProcess('many', {
      command: { shell: 'cd /wip-scratch; for i in $(seq 2000); do : >$i; done; sleep 300' },
    });
    expect(await agent.ended).toBe(71);
    expect(body<OutputSignal>(agent, 'output').exitLog).toMatch(/the build made \d+ of 500 files/);
  });
});

describe.skipIf(skipReason)(`the last words of an agent${skipped(skipReason)}`, () => {
  it.each([
    ['full of blocks', 'head -c 1g /dev/zero >fill; i=0; while echo x >f$i; do i=$((i+1)); done'],
    ['full of inodes', 'i=0; while : >f$i; do i=$((i+1)); done'],
  ])('are said on a disk that is %s, after an outage, too', async (_name, fill) => {
    const config = '[disk]\nreserve = 0\nmax_workload = 100\n';
    const { agent } = await startInContainer({ config, diskBytes: 64 * MB, diskInodes: 600 });
    // A few more bytes fit into the block that the output already has.
    const shell = `echo at work; cd ${SCRATCH}; (${fill}) 2>/dev/null; echo full; sleep 300`;
    await agent.startProcess('fills', { command: { shell } });
    await eventually('the full disk', async () => (await agent.output('fills')).toString().endsWith('full\n'));
    agent.controlPlane.failNext('signal', 'reset', 'lost-answer', { status: 503 });
    expect(await end(agent)).toMatchObject({ cause: 'shutdown-file', exitCode: 0 });
    expect(body<OutputSignal>(agent, 'output').log).toContain('at work');
  });

  it('are said when a process cannot even be started on a full disk, which is told as the cause', async () => {
    const config = '[disk]\nreserve = 0\nmax_workload = 100\n';
    const { agent } = await startInContainer({ config, diskBytes: 64 * MB, diskInodes: 600 });
    const shell = `cd ${SCRATCH}; (i=0; while : >f$i; do i=$((i+1)); done) 2>/dev/null; echo full; sleep 300`;
    await agent.startProcess('fills', { command: { shell } });
    await eventually('the full disk', async () => (await agent.output('fills')).toString().endsWith('full\n'));
    await agent.startProcess('late', { command: ['true'] });
    expect(await agent.ended).toBe(71);
    expect(body<ExitSignal>(agent, 'exit').cause).toBe('limit-inodes');
    expect(body<OutputSignal>(agent, 'output').exitLog).toContain('files');
  });

  it('are said on a disk that has become read-only', async () => {
    const { agent, place } = await startInContainer();
    await agent.startProcess('build', { command: { shell: 'echo at work; sleep 300' } });
    await eventually('output', async () => (await agent.output('build')).length > 0);
    place.breakDisk();
    agent.controlPlane.failNext('signal', 'reset', 'lost-answer');
    expect(await end(agent)).toMatchObject({ cause: 'shutdown-file', exitCode: 0 });
    expect(body<OutputSignal>(agent, 'output').log).toBe('at work\n');
  });
});
