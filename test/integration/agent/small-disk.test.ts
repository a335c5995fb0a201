import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExitSignal, OutputSignal, ProcessCompleteSignal } from '../../../shared/protocol/signals.ts';
import { createDirectoryPlace } from '../../kit/agent/agent-place.ts';
import type { AgentProcess } from '../../kit/agent/agent-process.ts';
import { createAgentSuite, skipped } from '../../kit/agent/agent-suite.ts';
import { eventually } from '../../kit/eventually.ts';
import { makeDisk, mayMount } from '../../kit/agent/small-disk.ts';

const { start } = createAgentSuite();
const MB = 1_000_000;
const DISK_MB = 200;
// The limit of config.ini is far above what the disk has.
const LIMIT = '[disk]\nmax_workload = 10\n';

function body<T>(agent: AgentProcess, kind: string): T {
  const found = agent.controlPlane.signals.find((signal) => signal.kind === kind);
  if (!found) throw new Error(`no signal ${kind}: ${agent.log}`);
  return found.body as unknown as T;
}

const suffix = skipped(mayMount ? undefined : 'it needs root with the right to mount');
describe.skipIf(!mayMount)(`a disk that is smaller than the disk limit of the build${suffix}`, () => {
  it.each(['auto', 'statfs'])('and that the build fills is the fault of the build, measured by %s', async (method) => {
    const place = createDirectoryPlace(`${LIMIT}method = ${method}\n`, makeDisk(DISK_MB));
    const agent = await start({ place });
    await agent.ready();
    await agent.startProcess('fills', { command: { shell: 'dd if=/dev/zero of=$HOME/big bs=1M; sleep 300' } });
    expect(await agent.ended).toBe(70);
    const { cause, exitLog } = body<OutputSignal>(agent, 'output');
    expect(cause).toBe('limit-disk');
    expect(exitLog).toMatch(/^The disk is full, and the build filled it: it used 0\.\d+ GB of the 0\.\d+ GB /);
    expect(exitLog).not.toContain('not to blame');
    expect(body<ExitSignal>(agent, 'exit').usage?.disk.workloadBytes).toBeGreaterThan((DISK_MB / 2) * MB);
  });

  it.each(['auto', 'statfs'])(
    'and that a fast writer fills, which fails before the next look, is told as full and not only as exit code 1, measured by %s',
    async (method) => {
      const agent = await start({ place: createDirectoryPlace(`${LIMIT}method = ${method}\n`, makeDisk(DISK_MB)) });
      await agent.ready();
      await agent.startProcess('fast', { command: { shell: 'dd if=/dev/zero of=$HOME/big bs=1M 2>/dev/null' } });
      expect(await agent.ended).toBe(70);
      const { cause, exitLog, process } = body<OutputSignal>(agent, 'output');
      expect(cause).toBe('limit-disk');
      expect(exitLog).toMatch(/^The disk is full, and the build filled it: .* and 0\.0 GB are left; its limit is 10/);
      expect(process).toMatchObject({ id: 'fast', command: expect.stringContaining('dd if=/dev/zero') as unknown });
      expect(agent.controlPlane.signals.map(({ kind }) => kind)).toEqual([
        'ready',
        'output',
        'processComplete',
        'exit',
      ]);
      expect(body<ProcessCompleteSignal>(agent, 'processComplete').result).toMatchObject({ exitCode: 1 });
    },
  );

  it('and that one of several fast writers fills names all that ran', async () => {
    const agent = await start({ place: createDirectoryPlace(LIMIT, makeDisk(DISK_MB)) });
    await agent.ready();
    await agent.startProcess('waits', { command: { shell: 'sleep 300' } });
    await agent.startProcess('fast', { command: { shell: 'dd if=/dev/zero of=$HOME/big bs=1M 2>/dev/null' } });
    expect(await agent.ended).toBe(70);
    expect(body<OutputSignal>(agent, 'output').exitLog).toContain('were running (waits, fast)');
  });

  it('and that has room says nothing of a command that fails', async () => {
    const agent = await start({ place: createDirectoryPlace(LIMIT, makeDisk(DISK_MB)) });
    await agent.ready();
    await agent.startProcess('fails', { command: { shell: 'exit 3' } });
    await eventually('the end', () => agent.controlPlane.signals.some(({ kind }) => kind === 'processComplete'));
    expect(agent.controlPlane.signals.map(({ kind }) => kind)).toEqual(['ready', 'processComplete']);
  });

  it('and that somebody else fills is not the fault of the build', async () => {
    const disk = makeDisk(DISK_MB);
    const agent = await start({ place: createDirectoryPlace(LIMIT, disk) });
    await agent.ready();
    await agent.startProcess('innocent', { command: { shell: 'head -c 20000000 /dev/zero >$HOME/own; sleep 300' } });
    writeFileSync(join(disk, 'neighbour'), Buffer.alloc(140 * MB));
    expect(await agent.ended).toBe(74);
    expect(body<OutputSignal>(agent, 'output').exitLog).toContain('The build is not to blame; start it again.');
  });

  it.each(['auto', 'statfs'])('and that has space but no inodes left says so, measured by %s', async (method) => {
    const place = createDirectoryPlace(`${LIMIT}method = ${method}\n`, makeDisk(DISK_MB, 3_000));
    const agent = await start({ place });
    await agent.ready();
    const shell = 'i=0; while : >$HOME/file-$((i += 1)); do :; done; sleep 300';
    await agent.startProcess('many', { command: { shell } });
    expect(await agent.ended).toBe(71);
    const { cause, exitLog } = body<OutputSignal>(agent, 'output');
    expect(cause).toBe('limit-inodes');
    expect(exitLog).toMatch(
      /^The disk has no inodes left, and the build used them: it made 2\d{3} of the 2\d{3} files /,
    );
    expect(exitLog).toMatch(/ and \d+ more can be made\. Space is not what is missing: 0\.\d+ GB are free\./);
  });
});
