import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { Program, useWorkplace } from '../../kit/program.ts';
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

async function lint(end: string): Promise<{ code: number; err: string }> {
  const place = useWorkplace();
  writeFileSync(join(place.directory, 'nap.mjs'), moduleText(end));
  return Program.start('controlplane/main.ts', ['table', 'lint', './nap.mjs'], { cwd: place.directory }).ended;
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
