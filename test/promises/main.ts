// Takes each point of SECURITY.md out of a copy of the code and runs the test that stands beside it, which must fail.
//
//   npm run promises                  all of them, some minutes
//   npm run promises -- master AES     those whose words contain "master" or "AES"
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KEEPING_REMOVALS } from './keeping.ts';
import { OUTSIDE_REMOVALS } from './outside.ts';
import type { Removal } from './promise.ts';
import { RIGHTS_REMOVALS } from './rights.ts';
import { WIRE_REMOVALS } from './wire.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
// A test that hangs without its promise has noticed that it is gone.
const TEST_MS = 900_000;

/** The files that git knows or would add, with the dependencies of this checkout. */
function copyCheckout(): string {
  const copy = mkdtempSync(join(tmpdir(), 'wip-promises-'));
  chmodSync(copy, 0o755); // builds of the tests run as other users, and start programs that lie here
  const git = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const { stdout } = spawnSync('git', git, { cwd: root, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  for (const file of stdout.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function testPasses(copy: string, tests: readonly string[]): 'passes' | 'fails' {
  const vitest = [join(copy, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--maxWorkers=1', '--bail=1', ...tests];
  return spawnSync(process.execPath, vitest, { cwd: copy, timeout: TEST_MS }).status === 0 ? 'passes' : 'fails';
}

/** Those that fail with every promise in place. */
function failingTests(copy: string, tests: readonly string[]): ReadonlySet<string> {
  if (testPasses(copy, tests) === 'passes') return new Set();
  return new Set(tests.filter((test) => testPasses(copy, [test]) === 'fails'));
}

function without(copy: string, removal: Removal): 'red' | 'still green' | 'not found' {
  const file = join(copy, removal.file);
  const whole = readFileSync(file, 'utf8');
  if (whole.split(removal.from).length !== 2) return 'not found';
  writeFileSync(
    file,
    whole.replace(removal.from, () => removal.to),
  );
  try {
    return testPasses(copy, [removal.test]) === 'fails' ? 'red' : 'still green';
  } finally {
    writeFileSync(file, whole);
  }
}

const words = process.argv.slice(2);
const removals = [...WIRE_REMOVALS, ...KEEPING_REMOVALS, ...RIGHTS_REMOVALS, ...OUTSIDE_REMOVALS].filter(
  (removal) => words.length === 0 || words.some((word) => `${removal.removed} ${removal.test}`.includes(word)),
);
const copy = copyCheckout();
try {
  const failing = failingTests(copy, [...new Set(removals.map((removal) => removal.test))]);
  for (const removal of removals) {
    // A test that fails with every promise in place proves nothing.
    const outcome = failing.has(removal.test) ? 'fails anyway' : without(copy, removal);
    if (outcome !== 'red') process.exitCode = 1;
    console.log(`${outcome.padEnd(12)} ${removal.point}: without "${removal.removed}" (${removal.test})`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
