import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CHECKOUT, Program } from '../../kit/programs/program.ts';

/** The machine's own npm and Node, which a person who tries the README has: often an older one. */
const NPX = '/usr/bin/npx';

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'wip-npx-'))));
afterEach(() => rmSync(home, { recursive: true }));

it.skipIf(!existsSync(NPX))('npx wipctl says nothing of its own, on whatever Node the machine has', async () => {
  for (const cwd of [CHECKOUT, join(CHECKOUT, 'controlplane', 'cli')]) {
    // npm warns at its first use of a package, which it then keeps in the home directory.
    const environment = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: mkdtempSync(join(home, 'home-')) };
    const { code, out, err } = await Program.startCommand(NPX, ['wipctl', 'version', '--client'], { cwd, environment })
      .ended;
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^wipctl +\S+ +Node \S+, /);
  }
});
