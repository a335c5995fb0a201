import { join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../docs/documents.ts';
import { hostWith } from './declared-package.ts';

const BEFORE = `
import { BasicWip, CONTAINER_OPTION_FIELDS, ContainerWip, defineWip, startTracked } from 'wip-ecs';
import type { ContainerResultStatus, TransitionMethods, ValueOf, WipContext } from 'wip-ecs';
import { z } from 'zod';
const Options = z.strictObject({ ...CONTAINER_OPTION_FIELDS, dump: z.string(), rows: z.number().default(1) });
type Options = z.infer<typeof Options>;
const TRANSITIONS = { checkRestore: ['good', 'failed', 'wait'] } as const;
type T = typeof TRANSITIONS;
class Restore extends ContainerWip<Options> {}
export const used: [BasicWip?, WipContext?, ValueOf<T, 'checkRestore'>?, TransitionMethods<T>?, ContainerResultStatus?] = [];
export { defineWip, startTracked, Restore };
`;

/** What a beginner writes, and the last and most exact line of what the compiler says about it. */
const MISTAKES: Readonly<Record<string, readonly [code: string, said: string | RegExp]>> = {
  'a value that is not declared': [
    `export class R extends Restore implements TransitionMethods<T> {
       checkRestore(): ValueOf<T, 'checkRestore'> { return 'goood'; }
     }`,
    /^Type '"goood"' is not assignable to type '("\w+" \| ){2}"\w+"'\. Did you mean '"good"'\?$/,
  ],
  'a value that is not declared, from a method without a type': [
    `export class R extends Restore implements TransitionMethods<T> {
       async checkRestore(context: WipContext) {
         return (await this.checkContainerResultStatus(context)) === 'success' ? 'good' : 'faild';
       }
     }`,
    /^Type '"faild"' is not assignable to type .+\. Did you mean '"failed"'\?$/,
  ],
  'a transition method that is missing': [
    `export class R extends Restore implements TransitionMethods<T> {}`,
    /^Property 'checkRestore' is missing in type .+ but required in type 'TransitionMethods</,
  ],
  'a way through a transition method without a value': [
    `export class R extends Restore implements TransitionMethods<T> {
       checkRestore(context: WipContext): ValueOf<T, 'checkRestore'> { if (context.bag['done']) return 'good'; }
     }`,
    "Function lacks ending return statement and return type does not include 'undefined'.",
  ],
  'declared values without as const': [
    `const LOOSE = { checkRestore: ['good'] };
     export class R extends Restore implements TransitionMethods<typeof LOOSE> {
       checkRestore(): 'goood' { return 'goood'; }
     }`,
    `Type '() => "goood"' is not assignable to type '"Declare the values of transition methods with \`as const\`"'.`,
  ],
  'a class of a container without the options of one': [
    `export class R extends ContainerWip<{ dump: string }> {}`,
    /^Type '\{ dump: string; \}' does not satisfy the constraint 'ContainerWipOptions'\.\n.+: release_on_exit, terminate_on_exit, waitForStop$/s,
  ],
  'a field that a signal does not have': [
    `export const last = (context: WipContext) => context.attempt?.output?.exitlog;`,
    /^Property 'exitlog' does not exist on type .+\. Did you mean 'exitLog'\?$/,
  ],
  'an option that there is not': [
    `export class R extends Restore { path(): string { return this.options.dmup; } }`,
    /^Property 'dmup' does not exist on type '\{ dump: string; rows: number; /,
  ],
  'an option in another type': [
    `export class R extends Restore { path(): string { return this.options.rows; } }`,
    `Type 'number' is not assignable to type 'string'.`,
  ],
  'a kind without a version': [
    `export const R = defineWip({ kind: 'R', options: { schema: Options, sealed: [] }, create: (task) => new Restore(task) });`,
    /Property 'version' is missing in type /,
  ],
  'a kind that does not say which options are secret': [
    `export const R = defineWip({ kind: 'R', version: 1, options: { schema: Options }, create: (task) => new Restore(task) });`,
    /^Property 'sealed' is missing in type /,
  ],
  'a kind whose schema has not the options of its class': [
    `const Few = z.strictObject(CONTAINER_OPTION_FIELDS);
     export const R = defineWip({ kind: 'R', version: 1, options: { schema: Few, sealed: [] }, create: (task) => new Restore(task) });`,
    /is missing the following properties from type '\{ dump: string; rows: number; .+': dump, rows$/,
  ],
  'a process without a command': [
    `export const start = (context: WipContext) => startTracked(context, { comand: ['x'] });`,
    /'comand' does not exist in type .+ Did you mean to write 'command'\?$/,
  ],
  'a command in one text': [
    `export const start = (context: WipContext) => startTracked(context, { command: 'make report' });`,
    `Type 'string' is not assignable to type 'string[] | { shell: string; }'.`,
  ],
  'an exit that there is not': [
    `export const end = (context: WipContext) => context.exit('FAILED', 'It failed.');`,
    /^Argument of type '"FAILED"' is not assignable to parameter of type .*"ERROR_USER"/,
  ],
  'an overridden method without override': [
    `export class R extends Restore { get kind(): string { return 'R'; } }`,
    /^This member must have an 'override' modifier/,
  ],
};

const MORE_OPTIONS = `
import { AbstractPipelineWip, BUILD_STEPS_OPTIONS, BuildSteps, PIPELINE_OPTION_FIELDS, PIPELINE_RECEIVER_OPTIONS, PIPELINE_SEALED_OPTIONS } from 'wip-ecs';
const More = BUILD_STEPS_OPTIONS.schema.safeExtend({ scan: z.string().default('all') });
export class Scanned extends BuildSteps<z.infer<typeof More>> {
  override get title(): string { return super.title + this.options.scan + this.options.vcsPath; }
}
export const SCANNED = defineWip({
  kind: 'Scanned', version: 1, options: { ...BUILD_STEPS_OPTIONS, schema: More }, create: (task) => new Scanned(task),
});
const Pipeline = z.strictObject(PIPELINE_OPTION_FIELDS);
class OfPipeline extends AbstractPipelineWip<z.infer<typeof Pipeline>> {}
export const OF_PIPELINE = defineWip({
  kind: 'OfPipeline', version: 1, create: (task) => new OfPipeline(task),
  options: { schema: Pipeline, sealed: [...PIPELINE_SEALED_OPTIONS], receivers: [...PIPELINE_RECEIVER_OPTIONS] },
});
`;

const said = new Map<string, readonly string[]>();

// All in one program: the declarations behind them are checked once.
beforeAll(() => {
  const options: ts.CompilerOptions = {
    ...ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config,
      ts.sys,
      ROOT,
    ).options,
    incremental: false,
    paths: { 'wip-ecs': [join(ROOT, 'controlplane/tasks/write-tasks.ts')] },
  };
  delete options.tsBuildInfoFile;
  const names = ['nothing wrong', 'a build with more options', ...Object.keys(MISTAKES)];
  const fileOf = (name: string): string => join(ROOT, 'test/unit/package', `${names.indexOf(name)}.mistake.ts`);
  const after = (name: string): string => (name === names[1] ? MORE_OPTIONS : (MISTAKES[name]?.[0] ?? ''));
  const files = new Map(names.map((name) => [fileOf(name), `${BEFORE}${after(name)}`]));
  const program = ts.createProgram([...files.keys()], options, hostWith(files, options));
  for (const name of names) {
    const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(fileOf(name)));
    said.set(
      name,
      found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    );
  }
});

describe('what the compiler says of a mistake in a class of a task', () => {
  it('is nothing where there is none', () => {
    expect(said.get('nothing wrong')).toEqual([]);
  });

  it('is nothing about a class that extends BuildSteps with options of its own, and about a list of receivers', () => {
    expect(said.get('a build with more options')).toEqual([]);
  });

  it.each(Object.entries(MISTAKES))('names the place and what is wrong: %s', (name, [, expected]) => {
    const [first = '', ...others] = said.get(name) ?? [];
    const lines = first.split('\n').map((line) => line.trim());
    const text = expected instanceof RegExp && expected.source.includes('\\n') ? lines.join('\n') : lines.at(-1);
    expect(text).toMatch(expected instanceof RegExp ? expected : new RegExp(`^${escape(expected)}$`));
    expect(others.length).toBeLessThanOrEqual(1);
  });
});

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
