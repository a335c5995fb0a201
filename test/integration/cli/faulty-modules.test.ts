import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { importModule } from '../../../controlplane/cli/kinds/import-module.ts';
import { ModuleCode } from '../../../controlplane/cli/kinds/module-code.ts';
import { useWorkplace } from '../../kit/programs/program.ts';
import { ROOT } from '../../unit/docs/documents.ts';

const PACKAGE = JSON.stringify(pathToFileURL(join(ROOT, 'controlplane/tasks/write-tasks.ts')).href);
const ZOD = JSON.stringify(import.meta.resolve('zod'));

/** A module that is right, but for what `end` does. It knows the parts of its definition as RIGHT. */
function moduleText(end: string): string {
  return `
import { BasicWip, defineWip } from ${PACKAGE};
import { z } from ${ZOD};
class Nap extends BasicWip { get kind() { return 'Nap'; } }
const RIGHT = { kind: 'Nap', version: 2, create: (task) => new Nap(task), options: { schema: z.strictObject({}), sealed: [] } };
${end}
`;
}

/** Runs wipctl on the module: the linter, or a node that is to start with it. */
async function run(end: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const place = useWorkplace();
  writeFileSync(join(place.directory, 'nap.mjs'), moduleText(end));
  return place.start(join(ROOT, 'controlplane/main.ts'), [...args, './nap.mjs'], { cwd: place.directory }).ended;
}

function lint(end: string): ReturnType<typeof run> {
  return run(end, 'table', 'lint');
}

/** Nothing of the system is started before the kinds are loaded. */
function startNode(end: string): ReturnType<typeof run> {
  return run(end, 'dev', '--kinds');
}

/** A class with this body, and what defineWip makes of it. */
function nap(body: string, definition = ''): string {
  return `
class Careless extends Nap { ${body} }
export const NAP = defineWip({ ...RIGHT, create: (task) => new Careless(task), ${definition} });`;
}

it.each<[string, string, string]>([
  [
    'a promise at its top level that rejects',
    `export const NAP = defineWip(RIGHT); Promise.reject(new Error('no licence'));`,
    'nap.mjs left an error that nobody handles, when it was loaded: no licence. Begin nothing at the top level',
  ],
  [
    'a timer at its top level that fails',
    `export const NAP = defineWip(RIGHT); setTimeout(() => { throw new Error('no licence'); }, 30);`,
    'nap.mjs left an error that nobody handles, when it was loaded: no licence. Begin nothing at the top level',
  ],
  [
    'a definition with a getter that fails',
    `export const NAP = defineWip({ ...RIGHT, get version() { throw new Error('no version'); } });`,
    'The kind of task "Nap" of ./nap.mjs is refused: it cannot be read: no version. Correct what is given to defineWip.',
  ],
  [
    'a definition whose kind is a getter that fails',
    `export const NAP = { ...RIGHT, get kind() { throw new Error('no kind'); } };`,
    'nap.mjs cannot be read: no kind. Export what defineWip returns for a plain object.',
  ],
  [
    'a Proxy with traps that fail',
    `export const NAP = new Proxy(RIGHT, { has() { throw new Error('no looking'); } });`,
    'nap.mjs cannot be read: no looking. Export what defineWip returns for a plain object.',
  ],
  ['no options', 'export const NAP = defineWip({ ...RIGHT, options: null });', 'options: it must be an object: {'],
  [
    'versions that are no list',
    'export const NAP = defineWip({ ...RIGHT, migration: { from: 1, migrate: (_from, memory) => memory } });',
    'migration.from: it must be a list of the versions that it takes over, such as [1].',
  ],
  [
    'a schema of another library',
    'export const NAP = defineWip({ ...RIGHT, options: { schema: { parse() {}, safeParse() {} }, sealed: [] } });',
    'options.schema: it must be a schema of zod 4.',
  ],
])('the linter tells the author of a module with %s, and speaks of no bug of wipctl', async (_what, end, said) => {
  const { code, err } = await lint(end);
  expect(err).toContain(said);
  expect(code).toBe(2);
  // Neither a bug nor a stack.
  expect(err).not.toMatch(/bug in wipctl|^\s+at /m);
});

it('a module that calls process.exit(0) does not pass for one without a fault', async () => {
  const { code, err } = await lint(`${nap('')} process.exit(0);`);
  expect(err).toContain('nap.mjs cannot be loaded: process.exit(0) was called, and would have ended wipctl. ');
  expect(code).toBe(2);
});

it('a module with a syntax error is told with the line of it', async () => {
  const { code, err } = await lint('class Broken extends Nap {{');
  expect(err).toMatch(/nap\.mjs cannot be loaded: Unexpected token '\{' \(\/.+\/nap\.mjs:6\)\. /);
  expect(code).toBe(2);
});

it('a module that needs a package which is not there says to install it', async () => {
  expect((await lint(`import 'no-such-package';`)).err).toMatch(
    /Cannot find package 'no-such-package' imported from .+\. Install that package in the project of the module\. \[USAGE\]/,
  );
});

it('a CommonJS module may export its kind as a whole', async () => {
  const place = useWorkplace();
  const text = moduleText('module.exports = defineWip(RIGHT);').replaceAll(
    /import (\{.+?\}) from (.+);/g,
    'const $1 = require(require("node:url").fileURLToPath($2));',
  );
  writeFileSync(join(place.directory, 'nap.cjs'), text);
  const args = ['table', 'lint', './nap.cjs'];
  const { code, out } = await place.start(join(ROOT, 'controlplane/main.ts'), args, { cwd: place.directory }).ended;
  expect(out).toContain('./nap.cjs: no errors, no warnings.');
  expect(code).toBe(0);
});

it('the linter reads no field of a task that is a getter', async () => {
  const end = `
class Odd extends Nap {
  constructor(task) {
    super(task);
    Object.defineProperty(this, 'scanner', { enumerable: true, get() { throw new Error('no scanner'); } });
  }
}
export const NAP = defineWip({ ...RIGHT, create: (task) => new Odd(task) });`;
  expect((await lint(end)).code).toBe(0);
});

const NO_LICENCE = `new Error('no licence')`;

it.each<[string, string]>([
  ['whose constructor rejects a promise', nap(`constructor(task) { super(task); Promise.reject(${NO_LICENCE}); }`)],
  [
    'whose constructor begins a timer that throws',
    nap(`constructor(task) { super(task); setTimeout(() => { throw ${NO_LICENCE}; }); }`),
  ],
  [
    'whose "create" rejects a promise',
    nap('', `create: (task) => { Promise.reject(${NO_LICENCE}); return new Careless(task); }`),
  ],
  ['whose "transitions" reject a promise', nap(`get transitions() { Promise.reject(${NO_LICENCE}); return {}; }`)],
  [
    'whose getStateTable() begins a timer that throws',
    nap(`getStateTable() { setTimeout(() => { throw ${NO_LICENCE}; }); return super.getStateTable(); }`),
  ],
])('an error that a class leaves to nobody is told with its name and its file: one %s', async (_what, end) => {
  const ended = await Promise.all([lint(end), startNode(end)]);
  for (const { code, err } of ended) {
    expect(err).toContain(
      'wipctl: Nap (./nap.mjs) left an error that nobody handles, when a task of it was made and read: no licence. Begin nothing in',
    );
    expect(err).toMatch(/; the error is from nap\.mjs:\d+\. \[KIND_INVALID\]/);
    expect(err).not.toMatch(/bug in wipctl|^\s+at /m);
    expect(code).toBe(2);
  }
});

it.each<[string, string, string]>([
  ['a timer', 'setInterval(() => undefined, 1_000);', 'Timeout'],
  ['an open socket', `(await import('node:net')).createServer().listen(0, '127.0.0.1');`, 'TCPServerWrap'],
])('table lint and table draw end when a module leaves %s', async (_what, left, named) => {
  const end = `${nap('')} ${left}`;
  const ended = await Promise.all([lint(end), run(end, 'table', 'draw')]);
  for (const { code, err } of ended) {
    expect(err).toContain(
      `wipctl: ./nap.mjs left something that goes on (${named}), and wipctl ends without it. Begin`,
    );
    expect(code).toBe(0);
  }
  expect(ended[0].out).toContain('no errors, no warnings.');
  expect(ended[1].out).toContain('digraph');
});

it('a node that refuses a module ends, although the module has begun a timer', async () => {
  const { code, err } = await startNode(`${nap('get title() { return 3; }')} setInterval(() => undefined, 1_000);`);
  expect(err).toContain('wipctl: The class Nap (./nap.mjs) says what no task can have: title must be a text. Correct');
  expect(code).toBe(2);
});

it('a module with a top-level await that never ends is told in a sentence with its file', async () => {
  const end = `${nap('')} await new Promise(() => undefined);`;
  for (const { code, err } of await Promise.all([lint(end), startNode(end)])) {
    expect(err).toMatch(
      /^wipctl: \/\S+\/nap\.mjs cannot be loaded: an "await" at its top level waits, and nothing goes on/m,
    );
    expect(err).not.toContain('Warning');
    expect(code).toBe(2);
  }
});

it('a module that waits for something that goes on is given up after a time', async () => {
  const place = useWorkplace();
  const file = join(place.directory, 'nap.mjs');
  writeFileSync(
    file,
    'const timer = setInterval(() => undefined, 1_000); timer.unref(); await new Promise(() => undefined);',
  );
  const code = new ModuleCode();
  onTestFinished(() => code.close());
  await expect(importModule(file, code, { limitSeconds: 0.01 })).rejects.toThrow(
    `${file} cannot be loaded: an "await" at its top level waits, and has not ended within 0.01 s. Await`,
  );
  const stop = AbortSignal.abort(new Error('asked to end'));
  await expect(importModule(file, code, { stop })).rejects.toThrow('asked to end');
});

it.each([
  ['at its top level', 'for (;;);'],
  ['behind an await', 'await Promise.resolve(); for (;;);'],
  ['in a module that it imports', "import './deep.mjs';"],
])('a module with an endless loop %s is stopped: "table lint" hung, deaf to Ctrl-C', async (_where, text) => {
  const place = useWorkplace();
  const file = join(place.directory, 'loop.mjs');
  writeFileSync(file, text);
  writeFileSync(join(place.directory, 'deep.mjs'), 'for (;;);');
  const code = new ModuleCode();
  onTestFinished(() => code.close());
  await expect(importModule(file, code, { limitSeconds: 0.5 })).rejects.toThrow(
    `${file} cannot be loaded: its code does not come to an end, and was stopped after 0.5 s. Look for an endless loop`,
  );
});
