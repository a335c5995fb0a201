// YAML takes pieces out of a text without a word: tags, anchors, comments, line ends. What a person wrote as a command or
// a variable is kept to the letter, or there is an error with line and column that says how to write it.
import { describe, expect, it } from 'vitest';
import { BuildFileError, parseBuildFile } from '../../../agent/build/file/build-file.ts';

const BEFORE_COMMAND = 'version: 1.0.0\nevents:\n  build:\n    steps:\n      - a:\n          script:\n';
const BEFORE_VARIABLE = 'version: 1.0.0\nvariables:\n  global:\n';

interface Outcome {
  readonly text?: string | undefined;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

function outcome(text: string, read: (file: ReturnType<typeof parseBuildFile>['file']) => unknown): Outcome {
  try {
    const { file, warnings } = parseBuildFile(text, 'f');
    const value = read(file);
    const own = warnings.filter((warning) => !warning.includes('has no steps'));
    return { text: typeof value === 'string' ? value : JSON.stringify(value), problems: [], warnings: own };
  } catch (error) {
    if (!(error instanceof BuildFileError)) throw error;
    const problems = error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
    return { problems, warnings: [] };
  }
}

/** Returns what the reader makes of `- <item>` in line 7 of a build file. */
function command(item: string): Outcome {
  return outcome(`${BEFORE_COMMAND}            - ${item}\n`, (file) => file.events.build?.steps[0]?.script[0]);
}

/** Returns what the reader makes of `NAME: <value>` in line 4. */
function variable(value: string): Outcome {
  return outcome(`${BEFORE_VARIABLE}    NAME: ${value}\n`, (file) => file.variables.global['NAME']);
}

describe('a command of a build file', () => {
  it('a leading ! does not invert a guard in silence: the error says how to quote it', () => {
    expect(command('! grep -q TODO f').problems).toEqual([
      `7:15 YAML reads "!" as a tag and takes it out of the text, and tags are not used here; if it belongs to the text, put the whole in quotes: '! grep -q TODO f'`,
    ]);
    expect(command(`'! grep -q TODO f'`)).toMatchObject({ text: '! grep -q TODO f', problems: [], warnings: [] });
    expect(command('"! grep -q TODO f"')).toMatchObject({ text: '! grep -q TODO f', problems: [], warnings: [] });
    expect(command('|\n                ! grep -q TODO f')).toMatchObject({ text: '! grep -q TODO f\n', problems: [] });
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['! grep -q "a b" f', /^7:15 .*'! grep -q "a b" f'$/],
    [`! "quoted"`, /^7:15 .*'! "quoted"'$/],
    [`! 'it''s'`, /^7:15 .*'! ''it''''s'''$/],
    ['! |\n                grep x', /^7:15 .*put the whole in quotes$/],
    ['! [a]', /^7:15 YAML reads "!" as a tag|^7:17 a command is text/],
    ['! echo a: b', /^7:15 YAML reads "!" as a tag/],
    ['!grep -q TODO f', /^7:15 .*"!grep".*'!grep -q TODO f'$/],
    ['!', /^7:15 .*"!"/],
    ['!! x', /^7:15 .*"!!"/],
    ['!!foo x', /^7:15 .*"!!foo"/],
    ['!!binary aGk=', /^7:15 .*"!!binary"/],
    ['!!python/object:os.system x', /^7:15 /],
    ['!<x> y', /^7:15 .*"!<x>"/],
    ['!!int abc', /^7:15 the tag "!!int" does not fit its value/],
    ['!!null abc', /^7:15 the tag "!!null" does not fit its value/],
    ['![ -f x ] && y', /^7:\d+ .*: '!\[ -f x \] && y'$/],
    ['&> log make', /^7:15 YAML reads "&>" as an anchor .*: '&> log make'$/],
    ['&log make', /^7:15 YAML reads "&log" as an anchor .* nothing uses it.*: '&log make'$/],
    ['& x', /^7:\d+ .*must be in quotes: '& x'$/],
    ['*.txt', /^7:15 \*\.txt is used, but no &\.txt .*in quotes/],
    ['*', /^7:\d+ .*must be in quotes: '\*'$/],
    ['*/5 * * * * x', /^7:\d+ .*must be in quotes: '\*\/5 \* \* \* \* x'$/],
    ['@echo off', /^7:15 .*begins with "@" must be in quotes: '@echo off'$/],
    ['`date`', /^7:15 .*begins with "`" must be in quotes: '`date`'$/],
    ['%x', /^7:15 .*begins with "%" must be in quotes: '%x'$/],
    ['> out.txt', /^7:\d+ .*begins with ">" must be in quotes: '> out.txt'$/],
    ['| tee x', /^7:\d+ .*begins with "\|" must be in quotes/],
    ['"a b" --flag', /^7:\d+ .*begins with a quote ends with it: '"a b" --flag'$/],
    [`'a' 'b'`, /^7:\d+ .*begins with a quote ends with it: '''a'' ''b'''$/],
    ['[ -f x ] && y', /^7:\d+ .*begins with "\[" must be in quotes: '\[ -f x \] && y'$/],
    ['[ -f x ]', /^7:15 .*a list because it begins with "\["/],
    ['[[ -f x ]]', /^7:15 .*a list because it begins with "\["/],
    ['{ echo a; }', /^7:15 .*a mapping because it begins with "\{"/],
    ['{a,b}', /^7:15 .*a mapping because it begins with "\{"/],
    ['echo foo: bar', /^7:15 .*a mapping because of its ": "/],
    ['echo a: b: c', /^7:\d+ .*with ": " in it must be in quotes: 'echo a: b: c'$/],
    [':', /^7:15 .*a mapping/],
    ['? x', /^7:15 .*a mapping/],
    ['- x', /^7:15 a command is text, and this is a list/],
    ['#make', /^7:\d+ this command is empty, because YAML reads "#make" as a comment/],
    // An empty command is refused, so that it is no advice.
    ['~', /^7:15 YAML reads ~ as no value; leave the line out, or write '~' for this text$/],
    ['null', /^7:15 YAML reads null as no value; leave the line out, or write 'null' for this text$/],
    ['""', /^7:15 this command is empty/],
    ['echo "a #b"', /^7:15 YAML ends this command before "#b"", inside its quotes/],
    [`sed 's/ #.*//' f`, /^7:15 YAML ends this command before .*inside its quotes/],
    ['echo ${x/ #/}', /^7:15 YAML ends this command before/],
    ['make \\\n                -j4', /^7:15 YAML joins the lines of this command .*backslash/],
    ['>\n                make \\\n                -j4', /^8:1 YAML joins the lines of this command .*backslash/],
    [`'make \\\n                -j4'`, /^7:15 YAML joins the lines of this command .*backslash/],
    ['"\\d+"', /^7:\d+ .*escape.*use single quotes/],
    ['"a\\0b"', /^7:15 this command has a NUL in it/],
    ['"\\ud800"', /^7:15 this command has half a character/],
  ];
  it.each(refused)('is not changed in silence: %j is an error with its place and what to write', (item, expected) => {
    expect(command(item).problems).toContainEqual(expect.stringMatching(expected));
  });

  const kept: readonly (readonly [string, string])[] = [
    ['true', 'true'],
    ['yes', 'yes'],
    ['1.10', '1.10'],
    ['0x10', '0x10'],
    ['echo a:b', 'echo a:b'],
    ['echo http://x/y#z', 'echo http://x/y#z'],
    ['echo a#b', 'echo a#b'],
    ['echo *.txt', 'echo *.txt'],
    ['echo a & wait', 'echo a & wait'],
    ['grep -v !x f', 'grep -v !x f'],
    ['if ! test x; then y; fi', 'if ! test x; then y; fi'],
    ['-x', '-x'],
    ['a, b', 'a, b'],
    ['x=[a] y={b}', 'x=[a] y={b}'],
    [`'it''s'`, "it's"],
    ['"tab\\there"', 'tab\there'],
    ['"# x"', '# x'],
    ['!!str x', 'x'],
    ['!<tag:yaml.org,2002:str> x', 'x'],
    ['!!int 0o17', '0o17'],
    ['make # builds', 'make'],
    ['make #', 'make'],
    [`echo 'it''s' # a "comment`, `echo 'it''s'`],
    ['|\n                a \\\n                  -b #c\n                ! d', 'a \\\n  -b #c\n! d\n'],
    ['|-\n                a', 'a'],
    ['|+\n                a\n', 'a\n\n'],
    ['|2\n                a', '  a\n'],
    ['>-\n                a\n                b', 'a b'],
    ['|\r\n                a\r\n                b\r\n', 'a\nb\n'],
    ['echo a\tb', 'echo a\tb'],
    ['echo \u{1F600}', 'echo \u{1F600}'],
  ];
  it.each(kept)('is kept to the letter: %j', (item, text) => {
    expect(command(item)).toEqual({ text, problems: [], warnings: [] });
  });

  it('says what YAML takes for a comment, and which lines it joins', () => {
    expect(command('echo a #b')).toEqual({
      text: 'echo a',
      problems: [],
      warnings: [
        'f:7:15: YAML reads "#b" as a comment, so that this command is "echo a"; if it belongs to it, put the whole in quotes',
      ],
    });
    const joined = command('echo a\n                echo b');
    expect(joined.text).toBe('echo a echo b');
    expect(joined.warnings).toEqual([
      expect.stringMatching(/^f:7:15: YAML joins the lines .*"echo a echo b"; write "\|"/),
    ]);
  });

  it('may be named by an anchor that is used', () => {
    const { file, warnings } = parseBuildFile(
      `${BEFORE_COMMAND}            - &install npm ci\n            - *install\n            - &all npm ci\n            - *all\n`,
      'f',
    );
    expect(file.events.build?.steps[0]?.script).toEqual(['npm ci', 'npm ci', 'npm ci', 'npm ci']);
    expect(warnings).toEqual([]);
  });
});

describe('a variable of a build file', () => {
  const kept: readonly (readonly [string, string])[] = [
    ['1.10', '1.10'],
    ['010', '010'],
    ['0o17', '0o17'],
    ['1_000', '1_000'],
    ['1e3', '1e3'],
    ['yes', 'yes'],
    ['No', 'No'],
    ['on', 'on'],
    ['true', 'true'],
    ['2024-01-02', '2024-01-02'],
    ['12:30:45', '12:30:45'],
    ['.inf', '.inf'],
    ['', ''],
    [`''`, ''],
    [`'~'`, '~'],
    ['"null"', 'null'],
    ['!!str', ''],
    ['http://x/#y', 'http://x/#y'],
    ['a b # why', 'a b'],
    ['# none', ''],
    ['<<', '<<'],
    ['=', '='],
    [`'#fff'`, '#fff'],
  ];
  it.each(kept)('is kept to the letter: %j', (value, text) => {
    expect(variable(value)).toEqual({ text, problems: [], warnings: [] });
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['~', /^4:11 YAML reads ~ as no value; write '' for an empty one, or '~' for this text$/],
    ['null', /^4:11 YAML reads null as no value/],
    ['Null', /^4:11 YAML reads Null as no value/],
    ['!secret', /^4:11 .*"!secret".*: '!secret'$/],
    ['! x', /^4:11 .*"!".*: '! x'$/],
    ['&secret', /^4:11 YAML reads "&secret" as an anchor .*: '&secret'$/],
    ['&a b', /^4:11 .*: '&a b'$/],
    ['*', /^4:\d+ .*in quotes: '\*'$/],
    ['*.txt', /^4:11 \*\.txt is used/],
    ['* * * * *', /^4:\d+ .*in quotes: '\* \* \* \* \*'$/],
    ['#fff', /^4:\d+ the variable "NAME" is empty, because YAML reads "#fff" as a comment; put it in quotes: '#fff'$/],
    ['@x', /^4:11 .*in quotes: '@x'$/],
    ['`x`', /^4:11 .*in quotes: '`x`'$/],
    ['%x', /^4:11 .*in quotes: '%x'$/],
    ['{{ x }}', /^4:\d+ /],
    ['{x}', /^4:11 the variable "NAME" must be text.*begins with \{ or \[ must be in quotes/],
    ['[x]', /^4:11 the variable "NAME" must be text.*begins with \{ or \[ must be in quotes/],
    ['a: b', /^4:\d+ .*with ": " in it must be in quotes: 'a: b'$/],
    ['"a" b', /^4:\d+ .*begins with a quote ends with it/],
    ['"a\\0"', /^4:11 the variable "NAME" has a NUL/],
  ];
  it.each(refused)('is not changed in silence: %j is an error with its place and what to write', (value, expected) => {
    expect(variable(value).problems[0]).toMatch(expected);
  });

  it('says what YAML takes for a comment', () => {
    expect(variable('pass #word')).toMatchObject({
      text: 'pass',
      warnings: [
        expect.stringMatching(/^f:4:11: YAML reads "#word" as a comment, so that the variable "NAME" is "pass"/),
      ],
    });
  });

  it('has no name that could be lost on the way to the control plane', () => {
    const { problems } = outcome(`${BEFORE_VARIABLE}    __proto__: x\n`, () => '');
    expect(problems).toEqual(['4:5 "__proto__" cannot be a key']);
  });
});

describe('a build file', () => {
  it('gives the core tags no other meaning', () => {
    const text = '%TAG !! tag:example.com,2000:\n---\nversion: !!str 1.0.0\n';
    expect(outcome(text, () => '').problems).toEqual(['1:1 there are no tags of its own here; remove the %TAG line']);
  });

  it('says that an anchor was replaced before it was used', () => {
    const text = `${BEFORE_VARIABLE}    A: &x 1\n    B: &x 2\n    C: *x\n`;
    expect(outcome(text, () => '').problems).toEqual([expect.stringMatching(/^4:8 YAML reads "&x" as an anchor/)]);
  });

  it('keeps an anchor of a mapping that nothing uses', () => {
    expect(outcome('version: 1.0.0\nx-common: &common {script: [x]}\n', () => '').problems).toEqual([]);
  });

  it('may begin with a byte order mark', () => {
    expect(outcome('\uFEFFversion: 1.0.0\n', (file) => file.version)).toMatchObject({ text: '1.0.0', problems: [] });
  });
});
