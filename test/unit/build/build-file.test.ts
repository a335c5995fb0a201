import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BuildFileError, parseBuildFile } from '../../../agent/build/file/build-file.ts';
import { BuildFile } from '../../../shared/protocol/build-export.ts';

function parse(text: string) {
  return parseBuildFile(text, 'build.yaml', ['mysql']);
}

/** Returns the problems of a file, as `line:column message`. */
function problems(text: string): string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof BuildFileError)) throw error;
    return error.problems.map((problem) => `${problem.line}:${problem.column} ${problem.message}`);
  }
}

const STEPS = 'version: 1.0.0\nevents:\n  build:\n    steps:\n';

describe('parseBuildFile', () => {
  it('reads every part of a build file, with the lines of steps and commands', () => {
    const text = `version: 1.3.0
variables:
  global:
    PLAIN: yes
    NUMBER: 1.10
    EMPTY:
    SECRET:
      secure: >
        abc
        def
ssh-keys:
  my.key: {secure: sealed}
services:
  - mysql
events:
  build:
    steps:
      - setup:
          type: script
          script:
            - composer install
            - |
              echo one
              echo two
  fail-on-build:
    steps:
      - tell:
          script: echo failed
`;
    const { file, warnings } = parse(text);
    expect(warnings).toEqual([]);
    expect(BuildFile.parse(JSON.parse(JSON.stringify(file)))).toEqual(file);
    expect(file).toEqual({
      version: '1.3.0',
      variables: { global: { PLAIN: 'yes', NUMBER: '1.10', EMPTY: '', SECRET: { secure: 'abcdef' } } },
      sshKeys: { 'my.key': { secure: 'sealed' } },
      services: [{ name: 'mysql', options: null }],
      events: {
        build: {
          steps: [
            {
              name: 'setup',
              type: 'script',
              script: ['composer install', 'echo one\necho two\n'],
              line: 18,
              scriptLines: [21, 23],
              scriptLastLines: [21, 24],
            },
          ],
        },
        'fail-on-build': {
          steps: [
            {
              name: 'tell',
              type: 'script',
              script: ['echo failed'],
              line: 27,
              scriptLines: [28],
              scriptLastLines: [28],
            },
          ],
        },
      },
    });
  });

  it('keeps the order of variables', () => {
    const { file } = parse('version: 1.0.0\nvariables: {global: {ZEBRA: 1, APE: 2}}\n');
    expect(Object.keys(file.variables.global)).toEqual(['ZEBRA', 'APE']);
  });

  it('takes a command for text, whatever type YAML would give it', () => {
    const { file } = parse(`${STEPS}      - a:\n          script: [true, 0x10, 'echo: x']\n`);
    expect(file.events.build?.steps[0]?.script).toEqual(['true', '0x10', 'echo: x']);
  });

  it('follows anchors, aliases and merges', () => {
    const { file } = parse(
      'version: 1.0.0\nx-common: &common\n  type: script\n  script: [make]\nevents: {build: {steps: [{one: {<<: *common}}, {two: *common}]}}\n',
    );
    expect(file.events.build?.steps.map((step) => [step.name, step.script])).toEqual([
      ['one', ['make']],
      ['two', ['make']],
    ]);
  });

  it('unfolds an alias of a list of commands, also inside another one, and names each command by its own line', () => {
    const { file } = parse(
      'version: 1.0.0\nx-a: &a [one, two]\nx-b: &b\n  - three\n  - *a\nevents: {build: {steps: [{s: {script: [*a, four, *b]}}]}}\n',
    );
    const [step] = file.events.build?.steps ?? [];
    expect(step?.script).toEqual(['one', 'two', 'four', 'three', 'one', 'two']);
    expect(step?.scriptLines).toEqual([2, 2, 6, 4, 2, 2]);
  });

  it.each(['', '""', "''", '[]', '|', '# nothing'])(
    'takes script: %s for a step without commands, with a warning',
    (script) => {
      const { file, warnings } = parse(`${STEPS}      - a:\n          script: ${script}\n`);
      expect(file.events.build?.steps[0]?.script).toEqual([]);
      expect(warnings).toEqual([expect.stringMatching(/the step "a" has no commands$/)]);
    },
  );

  it.each([
    ['', undefined],
    ['git:\n', { depth: 1, tags: false }],
    ['git: {depth: 0}\n', { depth: 0, tags: false }],
    ['git: {depth: 50, tags: true}\n', { depth: 50, tags: true }],
  ])('reads how much of the history is fetched: %j', (git, expected) => {
    expect(parse(`version: 1.0.0\n${git}`).file.git).toEqual(expected);
  });

  it('warns of what nobody does, and goes on', () => {
    const { warnings } = parse('version: 1.0.0\nservices: [mysql, {redis: {size: 1}}]\ncde-databases: [a]\n');
    expect(warnings).toEqual([
      'build.yaml:3:1: "cde-databases" is known, but this build tool does nothing with it',
      'build.yaml:2:19: nothing here starts the service "redis"; the build image must have it running',
      'build.yaml:1:1: the event "build" has no steps, so a build fails; add steps; to deploy the source as it is, say so with one step whose script is "true"',
    ]);
  });

  const cases: readonly (readonly [string, string, string | RegExp])[] = [
    ['an empty file', '', /^1:1 it is empty; it must be a mapping with the keys version, variables/],
    ['a file of comments', '# a\n---\n# b\n', /^\d:\d it is empty; /],
    ['a list', '- a\n', /^1:1 it must be a mapping/],
    ['two documents', 'version: 1.0.0\n---\na: 1\n', /^2:1 a second YAML document begins here/],
    ['a tab for indentation', 'version: 1.0.0\nevents:\n\tbuild: {}\n', /^3:1 /],
    ['a flow that is not closed', 'version: [1\n', /^1:10 the bracket \[ that is opened here is not closed/],
    [
      'a depth that is no number',
      'version: 1.0.0\ngit: {depth: all}\n',
      /^2:14 the depth must be a number of commits; 0/,
    ],
    ['a negative depth', 'version: 1.0.0\ngit: {depth: -1}\n', /^2:14 the depth must be a number/],
    ['tags: yes', 'version: 1.0.0\ngit: {tags: yes}\n', '2:13 "tags" must be true or false'],
    [
      'an unknown key of git',
      'version: 1.0.0\ngit: {dept: 1}\n',
      /^2:7 "dept" is not a key of "git", perhaps "depth" is meant; allowed are depth, tags/,
    ],
    ['no version', 'events: {}\n', /^1:1 the key "version" is missing/],
    ['a version below 1.0.0', 'version: 0.9.1\n', '1:10 version must be a number of at least 1.0.0, not "0.9.1"'],
    ['a version that is no number', 'version: latest\n', /^1:10 version must be a number/],
    [
      'an unknown key',
      'version: 1.0.0\nevent: {}\n',
      '2:1 "event" is not a key of a build file, perhaps "events" is meant; allowed are version, variables, services, ssh-keys, git, events, x-… for anchors',
    ],
    ['an unknown scope', 'version: 1.0.0\nvariables: {local: {A: 1}}\n', /^2:13 "local" is not a scope/],
    [
      'a variable that is a list',
      'version: 1.0.0\nvariables: {global: {A: [1]}}\n',
      /^2:25 the variable "A" must be text/,
    ],
    ['a bad variable name', 'version: 1.0.0\nvariables: {global: {2A: 1}}\n', /^2:22 "2A" is not a name of a variable/],
    ['a reserved variable', 'version: 1.0.0\nvariables: {global: {WIP_A: 1}}\n', /^2:22 "WIP_A" is reserved/],
    ['a key twice', 'version: 1.0.0\nversion: 1.1.0\n', '2:1 "version" is here a second time; the first is in line 1'],
    ['an SSH key in clear', 'version: 1.0.0\nssh-keys: {k: text}\n', /^2:15 the SSH key "k" must be \{secure: …\}/],
    ['an SSH key that is a path', 'version: 1.0.0\nssh-keys: {../k: {secure: x}}\n', /^2:12 "..\/k" is not a name/],
    [
      'SSH keys with one environment name',
      'version: 1.0.0\nssh-keys: {a-b: {secure: x}, a.b: {secure: x}}\n',
      /^2:30 the SSH keys "a-b" and "a.b"/,
    ],
    ['services that are no list', 'version: 1.0.0\nservices: mysql\n', /^2:11 "services" must be a list/],
    [
      'an unknown event',
      'version: 1.0.0\nevents: {bild: {}}\n',
      /^2:10 "bild" is not an event, perhaps "build" is meant; allowed are build, fail-on-build, post-deploy/,
    ],
    ['steps that are a mapping', 'version: 1.0.0\nevents: {build: {steps: {a: 1}}}\n', /^2:25 "steps" must be a list/],
    [
      'a step indented too little',
      `${STEPS}      - a:\n        script: [x]\n`,
      /^6:9 a step has one name .*; indent what belongs to it further$/,
    ],
    [
      'another type',
      `${STEPS}      - a:\n          type: docker\n          script: [x]\n`,
      '6:17 the type of a step must be script',
    ],
    [
      'an unknown key of a step',
      `${STEPS}      - a:\n          commands: [x]\n          script: [x]\n`,
      /^6:11 "commands" is not a key of a step/,
    ],
    [
      'a command with a colon',
      `${STEPS}      - a:\n          script:\n            - echo a: b\n`,
      /^7:15 YAML reads this command as a mapping/,
    ],
    [
      'an empty command',
      `${STEPS}      - a:\n          script:\n            - x\n            -\n`,
      '8:13 this command is empty',
    ],
    ['a list for a command', `${STEPS}      - a:\n          script: [[x]]\n`, /^6:20 a command is text/],
    ['an alias of nothing', 'version: 1.0.0\nservices: [*x]\n', /^2:12 \*x is used/],
    [
      'a tag',
      'version: 1.0.0\nservices: [!vault x]\n',
      /^2:12 YAML reads "!vault" as a tag .* put the whole in quotes: '!vault x'$/,
    ],
    [
      'a sealed variable with something beside it',
      'version: 1.0.0\nvariables: {global: {A: {secure: abc, x: y}}}\n',
      '2:25 the variable "A" must be text, or {secure: …}, without "x" beside the sealed text',
    ],
    [
      'a sealed variable without a value',
      'version: 1.0.0\nvariables: {global: {A: {secure: ~}}}\n',
      '2:25 the variable "A" must be text, or {secure: …}, with the text that wipctl encrypt prints',
    ],
    [
      'an SSH key with something beside it',
      'version: 1.0.0\nssh-keys: {k: {secure: x, type: rsa}}\n',
      '2:15 the SSH key "k" must be {secure: …}, without "type" beside the sealed text',
    ],
    [
      'lists that are too deep',
      `version: 1.0.0\nx-a: ${'['.repeat(120)}${']'.repeat(120)}\n`,
      /^2:105 lists and mappings are nested here more than 100 deep, and no deeper ones are read$/,
    ],
    [
      'a variable with which no program can be started',
      `version: 1.0.0\nvariables: {global: {A: ${'x'.repeat(131_070)}}}\n`,
      /^2:25 the variable "A" has 131072 bytes, its name included, and Linux starts no program with one of more than 131071/,
    ],
    ['a NUL', 'version: 1.0.0\n\0', /^2:1 null byte/],
  ];
  it.each(cases)('refuses %s, naming line, column and what is allowed', (_, text, expected) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    if (typeof expected === 'string') expect(found[0]).toBe(expected);
    else expect(found[0]).toMatch(expected);
  });

  it('names all problems at once, in the order of the lines, each with the file', () => {
    const text = 'version: 0\nevnts: {}\nvariables: {global: {1: x}}\n';
    expect(problems(text).map((problem) => problem.slice(0, 3))).toEqual(['1:1', '2:1', '3:2']);
    expect(() => parse(text)).toThrow(
      /^build\.yaml is not a valid build file, it has 3 problems: build\.yaml:1:10: .*; build\.yaml:2:1: .*; build\.yaml:3:22: .*\. Correct/,
    );
  });

  it('accepts a variable that is long only as it is written', () => {
    const variable = (value: string): string => `version: 1.0.0\nvariables: {global: {A: '${value}'}}\n`;
    expect(problems(variable('x'.repeat(131_069)))).toEqual([]);
    expect(problems(variable('\\$'.repeat(100_000)))).toEqual([]);
    expect(problems(variable('$NAME '.repeat(40_000)))).toEqual([]);
  });

  it('says each problem on one line, whatever a key is made of', () => {
    const text = `version: 1.0.0\n"a\\nb\\e[31m": 1\n${'k'.repeat(200)}: 1\n`;
    expect(problems(text)).toEqual([
      expect.stringMatching(/^2:1 "a\\u000ab\\u001b\[31m" is not a key/),
      expect.stringMatching(/^3:1 "k{80}…" is not a key/),
    ]);
  });

  it('refuses two steps of one name, and a step without a name, in one event', () => {
    const named = (...names: string[]): string =>
      STEPS + names.map((name) => `      - ${name}:\n          script: [x]\n`).join('');
    expect(problems(named('test', 'lint', 'test'))).toEqual([
      '9:9 the step "test" is here a second time; the first is in line 5',
    ]);
    expect(problems(named('"a b"', '"a  b "'))).toHaveLength(1);
    expect(problems(named("''", '"\\t"', '"\\u200b"'))).toEqual(
      [5, 7, 9].map((line) => expect.stringMatching(new RegExp(`^${line}:9 a step needs a name`))),
    );
    expect(problems(`${named('test')}  fail-on-build: {steps: [{test: {script: [x]}}]}\n`)).toEqual([]);
  });

  it.each(['a\\nb', 'a\\e[31mb', 'a\\tb', 'a\\u202eb', 'a\\u0085b'])(
    'refuses the name "%s" of a step, which a terminal would obey or show as another one',
    (name) => {
      const [problem] = problems(`${STEPS}      - "${name}":\n          script: [x]\n`);
      expect(problem).toMatch(
        /^5:9 the name of the step "a\\u[0-9a-f]{4}.*b" has a control character in it; leave it out$/,
      );
    },
  );

  it('counts lines the same with any line end', () => {
    expect(problems('version: 1.0.0\r\nx: 1\r\n')[0]).toMatch(/^2:1 /);
  });

  it('does not unfold aliases of aliases for ever', () => {
    const levels = Array.from({ length: 20 }, (_, n) => `x-${n}: &a${n} [${`*a${n - 1},`.repeat(n === 0 ? 0 : 10)}x]`);
    expect(problems(`version: 1.0.0\n${levels.join('\n')}\n`)).toEqual([
      '1:1 its aliases unfold to more than 100000 values',
    ]);
    const merges = Array.from({ length: 2000 }, (_, n) => `x-${n}: {<<: *base}`);
    const base = Array.from({ length: 1000 }, (_, n) => `k${n}: 1`).join(', ');
    const merging = problems(`version: 1.0.0\nx-base: &base {${base}}\n${merges.join('\n')}\n`);
    expect(merging.filter((problem) => problem.includes('<< merges more than'))).toHaveLength(1);
  });

  it('answers with a build file or with its own error, whatever it is given', () => {
    const piece = fc.constantFrom(
      'version: 1.0.0\n',
      'events:\n',
      '  build:\n',
      '    steps:\n',
      '      - a:\n',
      '          script:\n',
      '- ',
      'x',
      ': ',
      '\n',
      '  ',
      '&a ',
      '*a',
      '<<: ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '|\n',
      '>-\n',
      '!!str ',
      '!t ',
      '? ',
      '---\n',
      '#',
      '\t',
      'secure: ',
      'variables:\n',
      'global:\n',
      'services:\n',
      'ssh-keys:\n',
      '~',
      '__proto__',
      'constructor: ',
      '\u{1F600}',
      '\uFEFF',
      '%YAML 1.2\n',
      ',',
    );
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(piece, { maxLength: 40 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(anything, (text) => {
        try {
          BuildFile.parse(JSON.parse(JSON.stringify(parse(text).file)));
        } catch (error) {
          expect(error).toBeInstanceOf(BuildFileError);
          expect((error as BuildFileError).problems.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
