import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const OWN = join(ROOT, 'test/fixtures/vectors/validate.json');

interface Vectors {
  vectors: { name: string; quirk?: string; expect: Record<string, unknown> }[];
}

/** Runs the tests of one kind of vectors on a folder that holds only `file`, or nothing. */
async function testOn(file: Vectors | null): Promise<{ passes: boolean; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'wip-vectors-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (file) writeFileSync(join(folder, 'whatever they call it.json'), JSON.stringify(file));
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const environment = { ...process.env, WIP_VECTORS: folder, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [vitest, 'run', 'test/vectors/validate.test.ts'],
      { cwd: ROOT, env: environment },
      (error, stdout, stderr) => resolve({ passes: error === null, output: stdout + stderr }),
    );
  });
}

function ownVectors(): Vectors {
  return JSON.parse(readFileSync(OWN, 'utf8')) as Vectors;
}

describe('vectors of another folder', () => {
  it('may have any names; a quirk that differs is told and no failure', async () => {
    const file = ownVectors();
    for (const [index, vector] of file.vectors.entries()) vector.name = `other ${index}`;
    const odd = file.vectors.find(({ quirk }) => quirk === 'method_exists ignores case')!;
    odd.quirk = 'something new';
    const { passes, output } = await testOn(file);
    expect(passes, output).toBe(true);
    expect(output).toContain(`${odd.name}\n    recorded: something new\n`);
    expect(output).toContain('    ours: values are text\n');
  });

  it('have to agree where they are no quirk, also under a name that is on our list', async () => {
    const file = ownVectors();
    const listed = file.vectors.find(({ name }) => name === 'numeric value is compared loosely')!;
    delete listed.quirk;
    expect((await testOn(file)).output).toContain('1 failed');
  });

  it('have to be there', async () => {
    expect((await testOn(null)).output).toContain('There is no vector file in');
  });
});
