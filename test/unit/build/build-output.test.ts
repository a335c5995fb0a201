import { describe, expect, it } from 'vitest';
import { BuildOutput, type OutputPart } from '../../../agent/build/build-output.ts';

type Write = readonly ['stdout' | 'stderr', ...OutputPart[]];

/** Both streams, each alone and as they are shown together, after these writes; bytes are a step's, text is the tool's. */
async function afterWrites(...writes: Write[]) {
  const seen = { stdout: '', stderr: '', all: '' };
  const take = (stream: 'stdout' | 'stderr') => (data: string | Uint8Array) => {
    const text = Buffer.from(data).toString();
    seen[stream] += text;
    seen.all += text;
  };
  const output = new BuildOutput({ stdout: take('stdout'), stderr: take('stderr') });
  for (const [stream, ...parts] of writes) await output.write(stream, parts);
  return { ...seen, offsets: output.offsets };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('a line of the tool', () => {
  it('is not glued to output without a line end', async () => {
    expect(await afterWrites(['stdout', bytes('50 %')], ['stdout', '--- done\n'])).toMatchObject({
      stdout: '50 %\n--- done\n',
    });
  });
  it('is not glued to an open line of the other stream', async () => {
    const seen = await afterWrites(['stderr', bytes('warn')], ['stdout', '--- done\n'], ['stderr', 'why\n']);
    expect(seen).toMatchObject({ stderr: 'warn\nwhy\n', stdout: '--- done\n', all: 'warn\n--- done\nwhy\n' });
  });
  it('begins no second line where there is one already, and changes no output of a step', async () => {
    const seen = await afterWrites(
      ['stdout', bytes('a'), bytes('b\n'), '$ c\n', bytes('c'), '$ d\n'],
      ['stdout', bytes('')],
      ['stdout', '$ e\n'],
    );
    expect(seen.stdout).toBe('ab\n$ c\nc\n$ d\n$ e\n');
  });
  it('counts with the output in the offsets, in bytes', async () => {
    const seen = await afterWrites(['stderr', bytes('ü')], ['stdout', 'ü\n']);
    expect(seen.offsets).toEqual({ stdout: 3, stderr: 3 });
  });
});
