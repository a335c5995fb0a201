import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadKinds } from '../../../controlplane/cli/kinds/load-kinds.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { ROOT } from '../../unit/docs/documents.ts';

const PACKAGE = JSON.stringify(pathToFileURL(join(ROOT, 'controlplane/tasks/write-tasks.ts')).href);
const ZOD = JSON.stringify(import.meta.resolve('zod'));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wip-kinds-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

interface Written {
  readonly class?: string;
  readonly definition?: string;
  /** Where the module gets wip-ecs from. */
  readonly from?: string;
}

/** A module as its author compiles it. What is not given is right. */
function moduleText({ class: body = '', definition = '', from = PACKAGE }: Written): string {
  return `
import { BasicWip, defineWip } from ${from};
import { z } from ${ZOD};
export class Nap extends BasicWip {
  get kind() { return 'Nap'; }
  ${body}
}
export const NAP = defineWip({
  kind: 'Nap', version: 1, create: (task) => new Nap(task),
  options: { schema: z.strictObject({ seconds: z.number().default(1), password: z.string().optional() }), sealed: ['password'] },
  ${definition}
});
`;
}

function write(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return `./${name}`;
}

function load(...files: string[]): Promise<readonly string[]> {
  return loadKinds(files, { cwd: directory, maxRunSeconds: 3_600 }).then((kinds) => kinds.map(({ kind }) => kind));
}

async function refusal(...files: string[]): Promise<{ code: string; message: string }> {
  const error = await load(...files).catch((thrown: unknown) => thrown);
  if (!(error instanceof OperationalError)) throw new Error(`not refused but ${String(error)}`);
  return { code: error.code, message: error.message };
}

describe('--kinds', () => {
  it('gives what the modules made with defineWip, in their order', async () => {
    const nap = write('nap.mjs', moduleText({}));
    const sleep = write('sleep.mjs', moduleText({}).replaceAll(`'Nap'`, `'Sleep'`));
    expect(await load(nap, sleep)).toEqual(['Nap', 'Sleep']);
    expect(await load()).toEqual([]);
  });

  it('takes a kind once that a second module exports again', async () => {
    expect(await load(write('nap.mjs', moduleText({})), write('all.mjs', `export * from './nap.mjs';`))).toEqual([
      'Nap',
    ]);
  });

  it('runs TypeScript where Node strips the types', async () => {
    const typed = moduleText({}).replace(`get kind() {`, 'override get kind(): string {');
    expect(await load(write('nap.ts', typed))).toEqual(['Nap']);
  });

  it.each([
    ['a file that is not there', './gone.mjs', /^There is no file .*gone\.mjs\. Give the module/],
    [
      'no JavaScript',
      write.bind(null, 'broken.mjs', 'export const = 1;'),
      /^.*broken\.mjs cannot be loaded: [^]*\. Give a module that Node can import/,
    ],
    [
      'a library that is not installed',
      write.bind(null, 'lost.mjs', `import 'no-such-library';`),
      /^.*lost\.mjs cannot be loaded: Cannot find package 'no-such-library'/,
    ],
    [
      'a module without a kind',
      write.bind(null, 'empty.mjs', 'export const a = 1;'),
      /^.*empty\.mjs exports no kind of task\. Export what defineWip returns/,
    ],
    [
      'a list of kinds',
      () =>
        write('listed.mjs', `${moduleText({}).replace('export const NAP', 'const NAP')}\nexport const KINDS = [NAP];`),
      /^.*listed\.mjs exports no kind of task[^.]*\. Export each kind by itself: the export "KINDS" has kinds in it/,
    ],
    [
      'a module with a getter that throws',
      write.bind(null, 'getter.mjs', 'export const a = { get b() { throw new Error("no"); } };'),
      /^.*getter\.mjs exports no kind of task\. Export what defineWip returns/,
    ],
  ])('refuses %s as wrong usage', async (_what, file, said) => {
    expect(await refusal(typeof file === 'string' ? file : file())).toEqual({
      code: 'USAGE',
      message: expect.stringMatching(said),
    });
  });

  it('asks for what defineWip returns where only the class is exported', async () => {
    const file = write('class.mjs', moduleText({}).replace('export const NAP', 'const NAP'));
    expect((await refusal(file)).message).toMatch(
      /class\.mjs exports no kind of task, only the class Nap\. Export what/,
    );
  });

  it('refuses two kinds of one name, also one that is shipped', async () => {
    const [one, other] = [write('one.mjs', moduleText({})), write('other.mjs', moduleText({}))];
    expect(await refusal(one, other)).toEqual({
      code: 'KIND_INVALID',
      message: expect.stringMatching(
        /^The kind of task "Nap" is there twice: \.\/one\.mjs and \.\/other\.mjs define one each\. Give/,
      ),
    });
    const shipped = write('shipped.mjs', moduleText({}).replaceAll(`'Nap'`, `'BuildSteps'`));
    expect((await refusal(shipped)).message).toContain('"BuildSteps" is there twice: wip-ecs and ./shipped.mjs define');
    const twice = `${moduleText({})} export const AGAIN = defineWip({ ...NAP });`;
    expect((await refusal(write('twice.mjs', twice))).message).toContain('./twice.mjs defines two. ');
  });

  it.each<[string, Written, string]>([
    ['a version that is no number', { definition: `version: '1.2',` }, 'version: it must be a whole number'],
    ['a version that is no whole number', { definition: 'version: 1.5,' }, 'version: it must be a whole number'],
    ['a version below 1', { definition: 'version: 0,' }, 'version: it must be 1 or more'],
    [
      'a migration from its own version',
      { definition: 'migration: { from: [1], migrate: (_from, memory) => memory },' },
      'migration.from: it must name versions before this one',
    ],
    ['no kind', { definition: `kind: '',` }, 'kind: it must not be empty'],
    [
      'no schema',
      { definition: 'options: { schema: { day: String }, sealed: [] },' },
      'options.schema: it must be a schema of zod 4',
    ],
    [
      'no list of secret options',
      { definition: 'options: { schema: z.strictObject({}) },' },
      'options.sealed: it must be a list of names of options; none: []',
    ],
    [
      'the schema in the place of the options',
      { definition: 'options: z.strictObject({}),' },
      'options: it is the schema itself: write { schema: …, sealed: [] }',
    ],
    ['no options', { definition: 'options: null,' }, 'options: it must be an object: { schema, sealed: [] }'],
    [
      'versions that are no list',
      { definition: 'version: 2, migration: { from: 1, migrate: (_from, memory) => memory },' },
      'migration.from: it must be a list of the versions that it takes over, such as [1]',
    ],
    ['a migration that is none', { definition: 'version: 2, migration: [],' }, 'migration: must be an object'],
    [
      'a schema of another library',
      { definition: 'options: { schema: { _def: {}, parse: () => ({}), safeParse: () => ({}) }, sealed: [] },' },
      'options.schema: it must be a schema of zod 4',
    ],
    ['no function that makes it', { definition: 'create: Nap.name,' }, 'create: it must be a function'],
    [
      'a misspelt secret option',
      { definition: `options: { schema: NAP_OPTIONS, sealed: ['pasword'] },` },
      'options.sealed: there is no option "pasword"',
    ],
    [
      'a misspelt receiver, whose address nobody would check',
      { definition: `options: { schema: NAP_OPTIONS, sealed: [], receivers: ['pasword'] },` },
      'options.receivers: there is no option "pasword"; perhaps "password" is meant',
    ],
    [
      'a misspelt list of options',
      { definition: `options: { schema: NAP_OPTIONS, sealed: [], recievers: ['password'] },` },
      'options.recievers: is not known; perhaps "receivers" is meant',
    ],
    ['a misspelt field', { definition: 'migrations: {},' }, 'migrations: is not known; perhaps "migration" is meant'],
    [
      'a misspelt field of a migration',
      { definition: 'version: 2, migration: { from: [1], migrate: (_from, memory) => memory, form: 1 },' },
      'migration.form: is not known; perhaps "from" is meant',
    ],
    [
      'a class that has another kind',
      { class: `get kind() { return 'Doze'; }` },
      `its class says that its kind is "Doze". Override it: get kind() { return 'Nap'; }`,
    ],
    [
      'a table that cannot be read',
      { class: 'getStateTable() { return "start {\\n * finish soon\\n}"; }' },
      'line 2, column ',
    ],
    [
      'a state without a method',
      {
        class:
          'getStateTable() { return super.getStateTable().replace("* finish", "* nap\\n}\\nnap {\\n  * finish"); }',
      },
      '[missing-state-method]. See "wipctl table lint ./nap.mjs#Nap"',
    ],
  ])('refuses %s before a node starts', async (_what, written, said) => {
    const text = `import { z as zod } from ${ZOD};\nconst NAP_OPTIONS = zod.strictObject({ password: zod.string() });\n${moduleText(written)}`;
    const { code, message } = await refusal(write('nap.mjs', text));
    expect([code, message]).toEqual(['KIND_INVALID', expect.stringContaining(said)]);
    expect(message).toContain('./nap.mjs is refused: ');
  });

  it('refuses a class whose constructor needs options, which the linter has not', async () => {
    const file = write('nap.mjs', moduleText({ class: 'constructor(task) { super(task); task.options.day.length; }' }));
    expect((await refusal(file)).message).toMatch(
      /^A task of Nap \(\.\/nap\.mjs\) cannot be made without options: .+Read options/,
    );
  });

  it.each<[string, Written, string]>([
    [
      'a table that fails',
      { class: 'getStateTable() { return readTable(); }' },
      '"getStateTable()" of Nap (./nap.mjs) failed: readTable is not defined. It is read of a task without options',
    ],
    [
      'no table',
      { class: 'getStateTable() {}' },
      '"getStateTable()" of Nap (./nap.mjs) is undefined instead of a text. ',
    ],
    [
      'answers that are no lists',
      { class: `get transitions() { return { look: 'done' }; }` },
      '"transitions" of Nap (./nap.mjs) lists no answers: look must be a list. ',
    ],
    [
      'a size that is yet to be found out',
      { class: 'get containerSize() { return Promise.reject(new Error("the service of sizes is away")); }' },
      '"containerSize" of Nap (./nap.mjs) is a promise. It is read at once: take the word "async" away.',
    ],
    [
      'a title that is a method',
      { class: 'async title() { return this.options.day.month; }' },
      '"title" of Nap (./nap.mjs) is a method. It is read and not called: write "get title()".',
    ],
    [
      'a work id that is yet to be found out',
      { class: 'async workId() { return this.options.day.month; }' },
      '"workId()" of Nap (./nap.mjs) is a promise. ',
    ],
    [
      'reports that are yet to be made',
      { class: 'async statusReport() { return []; }' },
      '"statusReport()" of Nap (./nap.mjs) is a promise. ',
    ],
    ['a function that makes nothing', { definition: 'create: () => undefined,' }, '"create" returns undefined. '],
    ['a class of its own', { definition: 'create: () => new Map(),' }, 'its class does not extend BasicWip. '],
  ])('tells the author of a class with %s, and speaks of no bug of wipctl', async (_what, written, said) => {
    const { code, message } = await refusal(write('nap.mjs', moduleText(written)));
    expect([code, message]).toEqual(['KIND_INVALID', expect.stringContaining(said)]);
  });

  it('refuses a class of another copy of wip-ecs, which this one would take for no container task', async () => {
    const copy = write(
      'copy.mjs',
      'export class BasicWip { getStateTable() { return ""; } }\nexport const defineWip = (wip) => wip;',
    );
    const file = write('nap.mjs', moduleText({ from: JSON.stringify(copy) }));
    expect((await refusal(file)).message).toMatch(
      /extends a class of another copy of wip-ecs than this wipctl belongs to\. Use the wipctl of/,
    );
  });
});
