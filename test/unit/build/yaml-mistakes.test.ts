import { describe, expect, it } from 'vitest';
import { BuildFileError, parseBuildFile } from '../../../agent/build/file/build-file.ts';

function problemsOf(text: string): string[] {
  try {
    parseBuildFile(text, 'acquia-pipelines.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof BuildFileError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
}

const HEAD = 'version: 1.0.0\nevents:\n  build:\n    steps:\n      - one:\n          script:\n';
const ITEM = '            ';

describe('a mistake that YAML notices further below is named where it was made', () => {
  it.each([
    [
      'a double quote',
      `${HEAD}${ITEM}- "echo hi\n${ITEM}- true\n`,
      '7:15 the quote " that is opened here is not closed',
    ],
    [
      'a single quote',
      `${HEAD}${ITEM}- 'echo hi\n${ITEM}- true\n`,
      "7:15 the quote ' that is opened here is not closed",
    ],
    ['a quote in the last line', `${HEAD}${ITEM}- "echo hi\n`, '7:15 the quote " that is opened here is not closed'],
    ['a quoted value of a key', 'version: "1.0.0\nevents: {}\n', '1:10 the quote " that is opened here is not closed'],
    ['a bracket', `${HEAD}${ITEM}- [ -f x\n${ITEM}- true\n`, '7:15 the bracket [ that is opened here is not closed'],
    ['a brace', 'git: {depth: 5\nevents: {}\n', '1:6 the bracket { that is opened here is not closed'],
    ['a key without its colon', 'version: 1.0.0\nevents\n  build:\n    steps: []\n', '2:1 YAML reads "events" as text'],
    ['that of a list', HEAD.replace('steps:', 'steps'), '4:5 YAML reads "steps" as text and as no key; write it with'],
    ['that of a step', `${HEAD.replace('one:', 'one')}${ITEM}- true\n`, '5:9 YAML reads "one" as text and as no key'],
    ['that of a value', 'version 1.0.0\nevents: {}\n', 'write it with a colon: "version: 1.0.0"'],
    [
      'a colon without its blank',
      'version:1.0.0\nevents: {}\n',
      '1:1 YAML reads "version:1.0.0" as text and as no key',
    ],
    ['and in the last line of all', 'variables:\n  global:\n    A: b\n    C:d\n', '4:5 YAML reads "C:d" as text'],
    ['a conflict of git', 'a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n', '2:1 git has written "<<<<<<< HEAD"'],
  ])('%s', (_, text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });

  it.each([
    [
      'a dash',
      `a:\n  - x\n - y\n`,
      '3:2 bad indentation of a mapping entry; the dashes of one list stand in one column',
    ],
    [
      'a key',
      'a:\n  b: 1\n c: 2\n',
      '3:2 bad indentation of a mapping entry; the keys of one mapping stand in one column',
    ],
    [
      'a text',
      `${HEAD}${ITEM}- |\n${ITEM}echo a\n`,
      '8:13 bad indentation of a mapping entry; a text of several lines',
    ],
  ])('indentation that does not fit says what stands in one column: %s', (_, text, expected) => {
    expect(problemsOf(text)[0]).toContain(expected);
  });

  it('a command above a broken line is not taken for a key', () => {
    const [problem] = problemsOf(`${HEAD}${ITEM}- make test\n${ITEM}- echo: a: b\n`);
    expect(problem).toMatch(/^8:\d+ .* must be in quotes: 'a: b'$/);
    expect(problemsOf(`${HEAD}${ITEM}- make\n${ITEM}- [ -f x ] && y\n`)[0]).toMatch(/^8:\d+ .*'\[ -f x \] && y'$/);
  });
});

describe('what is not known', () => {
  const step = (keys: string): string => `version: 1.0.0\nevents:\n  build:\n    steps:\n      - one:\n${keys}`;

  it.each([
    [
      'is named with what is probably meant',
      step('          scripts: [make]\n'),
      'a step, perhaps "script" is meant; allowed',
    ],
    [
      'also with another letter case',
      'Version: 1.0.0\n',
      '"Version" is not a key of a build file, perhaps "version" is meant',
    ],
    [
      'also with another joint',
      'version: 1.0.0\nevents: {fail_on_build: }\n',
      'perhaps "fail-on-build" is meant; allowed are',
    ],
    [
      'and with all that there is where nothing is near',
      step('          timeout: 5\n'),
      'of a step; allowed are type, script',
    ],
    ['and where anchors belong', '.x: &x [a]\n', 'git, events, x-… for anchors'],
    [
      'and a blank that is none is said',
      'version: 1.0.0\nevents:\n\u00a0build: 1\n',
      'only looks like a blank (U+00A0)',
    ],
  ])('%s', (_, text, expected) => {
    expect(problemsOf(text).join('\n')).toContain(expected);
  });
});

it('what should have keys and has none is shown', () => {
  expect(problemsOf(HEAD.replace('script:', 'script:make')).join()).toContain(
    'not the text "script:make"; a blank follows the colon of a key',
  );
  expect(problemsOf('version: 1.0.0\nevents:\n  - build\n').join()).toContain(
    '"events" must be a mapping of events, not a list',
  );
});
