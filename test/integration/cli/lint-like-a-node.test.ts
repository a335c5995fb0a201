import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadKinds } from '../../../controlplane/cli/kinds/load-kinds.ts';
import { ModuleCode } from '../../../controlplane/cli/kinds/module-code.ts';
import { loadTaskClass } from '../../../controlplane/cli/table/load-task-class.ts';
import { messageOf } from '../../../shared/model/error.ts';
import { useWorkplace } from '../../kit/programs/program.ts';
import { ROOT } from '../../unit/docs/documents.ts';

const PACKAGE = JSON.stringify(pathToFileURL(join(ROOT, 'controlplane/tasks/write-tasks.ts')).href);
const ZOD = JSON.stringify(import.meta.resolve('zod'));

interface Written {
  /** Members of the class. */
  readonly body?: string;
  /** Fields of what defineWip is given. */
  readonly definition?: string;
  readonly schema?: string;
}

function moduleText({ body = '', definition = '', schema = 'z.strictObject({})' }: Written): string {
  return `
import { AbstractPipelineWip, BasicWip, defineWip, PIPELINE_OPTION_FIELDS } from ${PACKAGE};
import { z } from ${ZOD};
class Nap extends BasicWip {
  get kind() { return 'Nap'; }
  ${body}
}
export const NAP = defineWip({
  kind: 'Nap', version: 2, create: (task) => new Nap(task), options: { schema: ${schema}, sealed: [] },
  ${definition}
});
`;
}

/** What the linter and a node that starts say of the module. */
async function said(written: Written): Promise<readonly string[]> {
  const place = useWorkplace();
  writeFileSync(join(place.directory, 'nap.mjs'), moduleText(written));
  const code = new ModuleCode();
  onTestFinished(() => code.close());
  const cwd = place.directory;
  return Promise.all([
    loadTaskClass('./nap.mjs', cwd, code).then(() => 'taken', messageOf),
    loadKinds(['./nap.mjs'], { cwd, maxRunSeconds: 3_600 }).then(() => 'taken', messageOf),
  ]);
}

const SAYS = 'The class Nap (./nap.mjs) says what no task can have: ';
const REFUSED = 'The kind of task "Nap" of ./nap.mjs is refused: ';
const NO_PROMISE = ' is a promise. It is read at once: take the word "async" away.';
const PRIORITIES = 'must be one of CRITICAL, HIGH, MEDIUM, LOW';

describe('the linter refuses what a node refuses, in its words', () => {
  it.each<[string, Written, string]>([
    [
      'a group that fails whatever the options are',
      { body: `get group() { throw new Error('no group'); }` },
      `${SAYS}group fails: no group. Correct what it returns`,
    ],
    [
      'another table each time',
      { body: `getStateTable() { return super.getStateTable() + '# ' + Math.random(); }` },
      '"getStateTable()" of Nap (./nap.mjs) returns another table each time. It must be the same for every task and at any time',
    ],
    [
      'a container without the options of one',
      {
        definition: `create: (task) => new (class extends AbstractPipelineWip { get kind() { return 'Nap'; } })(task),`,
      },
      `${REFUSED}options.schema: release_on_exit, terminate_on_exit, waitForStop, pipelineVerify would have no value; write ...PIPELINE_OPTION_FIELDS into the schema. Its parent class reads them.`,
    ],
    [
      'secret options of a parent, in a schema of two',
      {
        schema: 'z.object(PIPELINE_OPTION_FIELDS).and(z.object({ day: z.string() }))',
        definition: `create: (task) => new (class extends AbstractPipelineWip { get kind() { return 'Nap'; } })(task),`,
      },
      `${REFUSED}options.sealed: pipelineApiKey, pipelineApiSecret, authToken would be stored and shown as they came; write sealed: [...PIPELINE_SEALED_OPTIONS]`,
    ],
    ['the title 3', { body: 'get title() { return 3; }' }, `${SAYS}title must be a text. Correct what it returns`],
    [
      'the priority URGENT',
      { body: `get priority() { return 'URGENT'; }` },
      `${SAYS}priority ${PRIORITIES}, and is "URGENT". `,
    ],
    [
      'a misspelt size of its container',
      { body: 'get containerSize() { return { cpus: 3 }; }' },
      `${SAYS}containerSize.cpus is not known; perhaps "cpu" is meant. `,
    ],
    [
      'a size that is no number',
      { body: `get containerSize() { return { cpu: '256' }; }` },
      `${SAYS}containerSize.cpu must be a number. `,
    ],
    [
      'everything at once',
      { body: `get title() { return 3; } get group() { return ''; } get clusters() { return 'a'; }` },
      `${SAYS}title must be a text; group: it must not be empty; clusters must be a list. `,
    ],
    [
      'a workId() that returns a rejected promise',
      { body: `workId() { return Promise.reject(new Error('later')); }` },
      `"workId()" of Nap (./nap.mjs)${NO_PROMISE}`,
    ],
    ['a work id that is a number', { body: 'workId() { return 7; }' }, `${SAYS}workId() must be a text. `],
    ['a work id that is no method', { body: `workId = 'all';` }, `${SAYS}workId() must be a method. `],
    [
      'commits that are a promise',
      { body: 'commits() { return Promise.resolve({}); }' },
      `"commits()" of Nap (./nap.mjs)${NO_PROMISE}`,
    ],
    [
      'a word for after a crash that it does not know',
      { body: `interrupted() { return 'again'; }` },
      `${SAYS}interrupted() must be one of run-again, fail, and is "again". `,
    ],
    ['a hook that is no method', { body: 'onAdd = 3;' }, `${SAYS}onAdd() must be a method. `],
    [
      'a class in the place of what makes its tasks',
      { definition: 'create: Nap,' },
      `${REFUSED}create: it is the class itself: write (task) => new MyTask(task). `,
    ],
    [
      'a task that is not handed on',
      { definition: 'create: () => new Nap(),' },
      'Nap (./nap.mjs) makes an object without its task. Hand the task on: create: (task) => new MyTask(task)',
    ],
    [
      'secrets of a pipeline that it does not seal',
      {
        definition: `
  create: (task) => new (class extends AbstractPipelineWip { get kind() { return 'Nap'; } })(task),
  options: { schema: z.strictObject({ ...PIPELINE_OPTION_FIELDS }), sealed: ['authToken'] },`,
      },
      `${REFUSED}options.sealed: pipelineApiKey, pipelineApiSecret would be stored and shown as they came; write sealed: [...PIPELINE_SEALED_OPTIONS]. `,
    ],
    ['a report that is no list', { body: 'statusReport() {}' }, `${SAYS}statusReport() is missing. `],
    [
      'an async migration',
      { definition: 'migration: { from: [1], migrate: async (_from, memory) => memory },' },
      `${REFUSED}migration.migrate: what it returns is a promise, and is not waited for. `,
    ],
    [
      'a migration that returns nothing',
      { definition: 'migration: { from: [1], migrate: (_from, memory) => { memory.more = 1; } },' },
      `${REFUSED}migration.migrate: what it returns is no plain object. `,
    ],
    [
      'options that are a text',
      { schema: 'z.string()' },
      `${REFUSED}options.schema: it takes no object, and options are one. `,
    ],
    [
      'options that become a text',
      { schema: `z.object({}).transform(() => 'all')` },
      `${REFUSED}options.schema: it makes "all" of an object, and options are one. `,
    ],
    [
      'options that are a number or a list',
      { schema: 'z.union([z.number(), z.array(z.string())])' },
      'it takes no object',
    ],
    [
      'options that are found out later',
      { schema: 'z.object({}).refine(async () => true)' },
      `${REFUSED}options.schema: it is asynchronous, and options are parsed at once. `,
    ],
    [
      'a class of another kind',
      { body: `get kind() { return 'Doze'; }` },
      `${REFUSED}its class says that its kind is "Doze". `,
    ],
    [
      'a kind of a name that is shipped',
      { body: `get kind() { return 'Canary'; }`, definition: `kind: 'Canary',` },
      'The kind of task "Canary" is there twice: wip-ecs and ./nap.mjs define one each. ',
    ],
  ])('%s', async (_what, written, words) => {
    expect(await said(written)).toEqual([expect.stringContaining(words), expect.stringContaining(words)]);
  });

  it.each<[string, Written]>([
    ['answers that need options', { body: 'get title() { return this.options.day.month; }' }],
    [
      'answers that lack an option',
      {
        body: `
  get group() { return this.options.team; }
  get clusters() { return [this.options.cluster]; }
  get containerSize() { return { cpu: this.options.vcpus * 1024 }; }`,
      },
    ],
    [
      'an answer that its constructor takes from the options',
      {
        body: 'constructor(task) { super(task); this.team = { ...task.options }.team; } get group() { return this.team; }',
      },
    ],
    [
      'a migration that needs what is remembered',
      { definition: 'migration: { from: [1], migrate: (_from, memory) => memory.all },' },
    ],
    [
      'a migration that fails without it',
      { definition: 'migration: { from: [1], migrate: (_from, { all }) => all.it },' },
    ],
    ['options that must be given', { schema: 'z.strictObject({ day: z.string() })' }],
    [
      'options in one of several forms',
      { schema: 'z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])' },
    ],
    [
      'options by a word',
      { schema: `z.discriminatedUnion('way', [z.object({ way: z.literal('a') }), z.object({ way: z.literal('b') })])` },
    ],
    ['options that are judged as a whole', { schema: 'z.object({}).refine(() => false)' }],
    ['options of any name', { schema: 'z.record(z.string(), z.string())' }],
  ])('and takes %s', async (_what, written) => {
    expect(await said(written)).toEqual(['taken', 'taken']);
  });
});
