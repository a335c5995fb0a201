import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agentCommand, type AgentProcess } from '../../kit/agent/agent-process.ts';
import { createAgentSuite } from '../../kit/agent/agent-suite.ts';
import { BuildPlace, stepOf } from '../../kit/builds/build-place.ts';
import { eventually } from '../../kit/eventually.ts';

const { start } = createAgentSuite();

/** Both streams of a process, as the control plane got them: one sequence. */
function arrived(agent: AgentProcess, key: string): string {
  const pieces = agent.controlPlane.chunks.filter(({ processId }) => processId === key);
  return pieces.map(({ data }) => Buffer.from(data, 'base64').toString()).join('');
}

async function ended(agent: AgentProcess, key: string): Promise<string> {
  const { streams } = await agent.exited(key);
  const bytes = streams.stdout.bytes + streams.stderr.bytes;
  await eventually('all output', () => arrived(agent, key).length >= bytes);
  return arrived(agent, key);
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** Stderr first: who looks at one file after the other has it behind stdout. */
const IN_TURNS = 'for i in $(seq 1 15); do echo "err $i" >&2; sleep 0.1; echo "out $i"; sleep 0.1; done';

/** An agent that gets no processor for a tenth of a second cannot know the order of two lines, so not all need be right. */
function shareInPlace(lines: readonly string[]): number {
  const written = numbers(1, 15).flatMap((i) => [`err ${i}`, `out ${i}`]);
  expect([...lines].sort()).toEqual([...written].sort());
  return lines.filter((line, at) => line === written[at]).length / written.length;
}

describe('the order of stdout and stderr', () => {
  it('is that of the program: stderr first when it was first', async () => {
    const agent = await start();
    await agent.startProcess('turns', { command: { shell: IN_TURNS } });
    expect(shareInPlace((await ended(agent, 'turns')).trimEnd().split('\n'))).toBeGreaterThan(0.75);
  });

  it.each(['', 'exec 2>&1;'])('is exact for lines that are written in turns as fast as can be: %s', async (first) => {
    const agent = await start();
    const shell = `${first} for i in $(seq 1 400); do echo out $i; echo err $i >&2; done`;
    await agent.startProcess('fast', { command: { shell } });
    const written = numbers(1, 400).flatMap((i) => [`out ${i}`, `err ${i}`]);
    expect((await ended(agent, 'fast')).trimEnd().split('\n')).toEqual(written);
  });

  it('is kept through a step of a build', async () => {
    const agent = await start();
    const place = new BuildPlace();
    try {
      place.write({ 'acquia-pipelines.yaml': stepOf(IN_TURNS) });
      const build = ['build', 'run', '--workspace', '.', '--source-path', 'main'];
      await agent.startProcess('build', { command: [...agentCommand(), ...build], cwd: place.directory });
      const [first, ...rest] = (await ended(agent, 'build')).match(/^(=== |--- only|out \d+|err \d+)/gm) ?? [];
      expect([first, rest.pop()]).toEqual(['=== ', '--- only']);
      expect(shareInPlace(rest)).toBeGreaterThan(0.75);
    } finally {
      place.remove();
    }
  });
});

describe('a process that opens its streams by name', () => {
  const asNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups sh -c 'echo hello >/dev/stderr'";
  it.each([
    ['cat /dev/stdin', 'cat /dev/stdin'],
    ['cat < /dev/stdin | tee /dev/stderr', 'cat < /dev/stdin | tee /dev/stderr >/dev/null'],
    ['cat > /dev/stderr', 'cat > /dev/stderr'],
    ...(process.getuid?.() === 0 ? [['as another user', asNobody]] : []),
  ])('does not fail with "No such device or address": %s', async (_how, shell) => {
    const agent = await start();
    await agent.startProcess('named', { command: { shell }, stdin: 'hello\n' });
    const text = await ended(agent, 'named');
    expect(text).toBe('hello\n');
    expect((await agent.exited('named')).result).toMatchObject({ exitCode: 0 });
  });
});

describe('what a process leaves behind', () => {
  it('may go on writing to its streams, more than a pipe holds', async () => {
    const agent = await start();
    const shell = 'setsid sh -c "sleep 1; head -c 300000 /dev/zero && touch written" & echo done';
    await agent.startProcess('parent', { command: { shell }, cwd: agent.root });
    expect(await ended(agent, 'parent')).toBe('done\n');
    await eventually('the end of the child', () => existsSync(join(agent.root, 'written')));
  });
});
