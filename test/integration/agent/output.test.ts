import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProcessStatus } from '../../../shared/protocol/agent-api.ts';
import type { OutputSignal, ProcessCompleteSignal } from '../../../shared/protocol/signals.ts';
import type { AgentProcess } from '../../kit/agent/agent-process.ts';
import { createAgentSuite } from '../../kit/agent/agent-suite.ts';
import { eventually } from '../../kit/eventually.ts';

const { start } = createAgentSuite();

const MAX_GROWTH_BYTES = 32 * 1024 * 1024;

async function stdoutBytes(agent: AgentProcess, key: string): Promise<number> {
  const { body } = await agent.json<ProcessStatus>('GET', `/v1/processes/${key}`);
  return body.streams.stdout.bytes;
}

/** VmHWM: the most memory that the process ever had. */
function peakMemoryBytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
}

describe('output of a process', () => {
  it('of 300 MB in one line is counted to the byte, and takes neither memory nor the disk of the build', async () => {
    const agent = await start();
    // A short output comes first, so that all code is loaded when the memory is measured.
    await agent.startProcess('before', { command: { shell: 'head -c 20000000 /dev/zero' } });
    await agent.exited('before');
    const before = peakMemoryBytes(agent.pid);
    // No form of a secret begins with a tilde. A possible beginning would be held back and not be counted yet.
    await agent.startProcess('long', { command: { shell: 'head -c 300000000 /dev/zero | tr "\\0" "~"; sleep 300' } });
    // Writing is slow on a disk that others keep busy.
    await eventually('all of it', async () => (await stdoutBytes(agent, 'long')) === 300_000_000, 120_000);
    expect(peakMemoryBytes(agent.pid) - before).toBeLessThan(MAX_GROWTH_BYTES);
    const file = join(agent.root, 'var/lib/wip-agent/output/2/stdout');
    await eventually('the space', () => statSync(file).blocks * 512 < 200_000_000);
    await agent.call('POST', '/v1/shutdown');
    await agent.ended;
    const output = agent.controlPlane.signals.find(({ kind }) => kind === 'output')?.body as OutputSignal;
    const { head = '', tail = '', bytes = 0, omitted } = output.stdout ?? {};
    const kept = Buffer.from(head, 'base64').length + Buffer.from(tail, 'base64').length;
    expect({ bytes, omitted }).toEqual({ bytes: 300_000_000, omitted: 300_000_000 - kept });
    expect(kept).toBeGreaterThanOrEqual(1_048_576);
  });

  it('of a burst of 150 MB is there with its last 64 MiB, and the process-complete signal counts what is not', async () => {
    const agent = await start();
    const bytes = 150_000_000;
    await agent.startProcess('burst', { command: { shell: `yes | head -c ${bytes}` } });
    await agent.exited('burst');
    await agent.call('POST', '/v1/shutdown');
    await agent.ended;
    const { signals, chunks } = agent.controlPlane;
    const complete = signals.find(({ kind }) => kind === 'processComplete')?.body as ProcessCompleteSignal;
    expect(complete.bytes.stdout).toBe(bytes);
    expect(complete.omitted.stdout).toBe(bytes - agent.controlPlane.chunkBytes);
    const kept = bytes - 64 * 1024 * 1024;
    const end = (chunk: (typeof chunks)[number]): number => chunk.offset + Buffer.byteLength(chunk.data, 'base64');
    const last = chunks.map((chunk) => Math.max(0, end(chunk) - Math.max(chunk.offset, kept)));
    expect(last.reduce((sum, one) => sum + one)).toBe(64 * 1024 * 1024);
  });

  it('gives the disk back that it took when it is long, and says from where on it is still there', async () => {
    const agent = await start();
    const bytes = 300_000_000;
    // Paced, so that the reader keeps up and nothing is skipped.
    const script = `for i in $(seq 30); do head -c ${bytes / 30} /dev/zero | tr '\\0' x; sleep 0.05; done`;
    await agent.startProcess('long', { command: { shell: script } });
    const { streams } = await agent.exited('long');
    expect(streams.stdout.bytes).toBe(bytes);
    const answer = await agent.call('GET', '/v1/processes/long/output?offset=0&maxBytes=10');
    expect(Number(answer.headers['x-wip-offset'])).toBeGreaterThanOrEqual(64 * 1024 * 1024);
    expect(answer.body.toString()).toBe('x'.repeat(10));
    const file = statSync(join(agent.root, 'var/lib/wip-agent/output/1/stdout'));
    expect(file.size).toBe(bytes);
    await eventually(
      'the space',
      () => statSync(join(agent.root, 'var/lib/wip-agent/output/1/stdout')).blocks * 512 < 200_000_000,
    );
  });

  it('is bytes: NUL, invalid UTF-8 and control sequences arrive as they were written', async () => {
    const agent = await start();
    await agent.startProcess('bytes', {
      command: { shell: "printf '\\000\\377\\303(\\033[2J\\033]0;x\\007\\r\\n\\200'" },
    });
    await agent.exited('bytes');
    const written = Buffer.from('00ffc3281b5b324a1b5d303b78070d0a80', 'hex');
    expect((await agent.output('bytes')).equals(written)).toBe(true);
    await eventually('the chunk', () => agent.controlPlane.output('bytes', 'stdout').equals(written));
  });

  it('goes on when the build empties its own output file, with both parts', async () => {
    const agent = await start();
    await agent.startProcess('rotates', {
      command: { shell: 'echo before; sleep 0.8; : >/dev/stdout; echo after; sleep 300' },
    });
    await eventually('the rest', () => agent.controlPlane.output('rotates', 'stdout').includes('after'));
    expect(agent.controlPlane.output('rotates', 'stdout').toString()).toBe('before\nafter\n');
  });

  it('of a command whose child goes on is complete when the command is', async () => {
    const agent = await start();
    await agent.startProcess('parent', {
      command: { shell: 'setsid sleep 300 & for i in $(seq 200); do exec 9>&1; done; echo done' },
    });
    expect((await agent.exited('parent')).result).toMatchObject({ exitCode: 0, reason: 'exited' });
    expect((await agent.output('parent')).toString()).toBe('done\n');
  });
});

describe('progress of a process', () => {
  it('is made by a compiler that says nothing, and not by a command that sleeps', async () => {
    const agent = await start({ config: '[time]\nno_progress = 3\n' });
    await agent.startProcess('compiles', { command: { shell: 'timeout 8 sh -c "while :; do :; done"; exit 5' } });
    expect((await agent.exited('compiles')).result).toMatchObject({ exitCode: 5, reason: 'exited' });
    await agent.startProcess('sleeps', { command: ['sleep', '300'] });
    expect(await agent.ended).toBe(73);
  });
});
