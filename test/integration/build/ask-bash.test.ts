import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askBash } from '../../../agent/build/step/ask-bash.ts';

const PATH = process.env['PATH'] ?? '/usr/bin:/bin';

describe('askBash', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'wip-bash-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('gives the texts to the script, and returns what it says', async () => {
    const script = `while read -r -d '' text; do echo "<$text>"; echo done >&2; done`;
    const answer = await askBash({ script, texts: ['a\nb', ''], programPath: PATH, limitMs: 60_000 });
    expect(answer).toEqual({ stdout: '<a\nb>\n<>\n', stderr: 'done\ndone\n' });
  });

  it('does not wait for a wrapper that a machine has instead of bash, nor for what that has started', async () => {
    writeFileSync(join(directory, 'bash'), '#!/bin/sh\n/bin/sleep 1000\necho woken\n');
    chmodSync(join(directory, 'bash'), 0o755);
    const script = 'echo read';
    expect(await askBash({ script, texts: [], programPath: directory, limitMs: 100 })).toBeNull();
  });

  it('returns null where there is no bash', async () => {
    expect(await askBash({ script: 'echo', texts: ['a'], programPath: directory, limitMs: 60_000 })).toBeNull();
  });
});
