import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseBuildFile } from '../../../agent/build/file/build-file.ts';
import { buildFileSchema } from '../../../shared/protocol/build-file-format.ts';

const FILE = new URL('../../../config/build-file.schema.json', import.meta.url);
const committed = JSON.parse(readFileSync(FILE, 'utf8')) as Parameters<typeof z.fromJSONSchema>[0];
const schema = z.fromJSONSchema(committed);

function isAccepted(text: string): { readonly schema: boolean; readonly parser: boolean } {
  const bySchema = schema.safeParse(load(text)).success;
  try {
    parseBuildFile(text, 'build.yaml');
    return { schema: bySchema, parser: true };
  } catch {
    return { schema: bySchema, parser: false };
  }
}

const STEPS = 'version: 1.0.0\nevents:\n  build:\n    steps:\n';
const samples = ['every-part', 'sample'].map((name): [string, string] => [
  name,
  readFileSync(new URL(`../../fuzz/corpus/build-file/${name}`, import.meta.url), 'utf8'),
]);

describe('the JSON Schema of the build file', () => {
  it('is current: if not, run node config/build-file-schema.ts', () => {
    expect(committed).toEqual(JSON.parse(JSON.stringify(buildFileSchema())));
  });

  it.each([
    ...samples,
    ['a version that YAML takes for a number', 'version: 1.3\n'],
    ['keys without values', 'version: 1.0.0\nvariables:\nssh-keys:\nservices:\ngit:\nevents:\n  build:\n'],
    [
      'commands of every type',
      `${STEPS}      - a: {script: [true, 1, "x"]}\n      - b: {type: script, script: make}\n      - c:\n`,
    ],
    ['an alias of commands', `x-c: &c [one, two]\n${STEPS}      - a: {script: [*c, three]}\n`],
    ['history', 'version: 1.0.0\ngit: {depth: 0, tags: true}\n'],
    ['numbers and truth in quotes', `version: "1"\ngit: {depth: "5", tags: 'true'}\n`],
    ['services that YAML takes for a number or truth', 'version: 1.0.0\nservices: [1, true]\n'],
    ['a sealed text of digits', 'version: 1.0.0\nvariables: {global: {A: {secure: 123}}}\n'],
    ['a version of one number', 'version: 2\n'],
    ['a step of no commands', `${STEPS}      - a: {script: ""}\n`],
    ['a key that is known and not used', 'version: 1.0.0\ncde-databases: [a]\n'],
  ])('accepts what a build accepts: %s', (_, text) => {
    expect(isAccepted(text)).toEqual({ schema: true, parser: true });
  });

  it.each([
    ['no version', 'events: {}\n'],
    ['a key', 'version: 1.0.0\nevent: {}\n'],
    ['an event', 'version: 1.0.0\nevents: {bild: {}}\n'],
    ['a key of an event', 'version: 1.0.0\nevents: {build: {step: []}}\n'],
    ['a key of a step', `${STEPS}      - a: {scirpt: [make]}\n`],
    ['two names of a step', `${STEPS}      - a: {script: [make]}\n        b: {script: [make]}\n`],
    ['a type', `${STEPS}      - a: {type: shell, script: [make]}\n`],
    ['a command that is a mapping', `${STEPS}      - a: {script: [{echo: x}]}\n`],
    ['a scope of variables', 'version: 1.0.0\nvariables: {local: {A: 1}}\n'],
    ['the name of a variable', 'version: 1.0.0\nvariables: {global: {A-B: 1}}\n'],
    ['a reserved variable', 'version: 1.0.0\nvariables: {global: {WIP_A: 1}}\n'],
    ['an SSH key in clear', 'version: 1.0.0\nssh-keys: {a: text}\n'],
    ['a depth', 'version: 1.0.0\ngit: {depth: -1}\n'],
    ['a version that is truth', 'version: true\n'],
    ['a version with a letter', 'version: v1.3.0\n'],
    ['a version below 1', 'version: 0.9\n'],
    ['a version of text below 1', 'version: 0.9.0\n'],
    ['a version of four numbers', 'version: 1.3.0.0\n'],
    ['an empty command', `${STEPS}      - a: {script: [""]}\n`],
    ['a blank command in an alias', `x-c: &c [" "]\n${STEPS}      - a: {script: [*c]}\n`],
    ['a step without a name', `${STEPS}      - "": {script: [make]}\n`],
    ['an empty sealed value', 'version: 1.0.0\nvariables: {global: {A: {secure: ""}}}\n'],
    ['a sealed value of none', 'version: 1.0.0\nvariables: {global: {A: {secure: ~}}}\n'],
    ['a depth in words', 'version: 1.0.0\ngit: {depth: "all"}\n'],
    ['tags in words', 'version: 1.0.0\ngit: {tags: "yes"}\n'],
    ['a key of git', 'version: 1.0.0\ngit: {dept: 1}\n'],
  ])('refuses what a build refuses: %s', (_, text) => {
    expect(isAccepted(text)).toEqual({ schema: false, parser: false });
  });
});
