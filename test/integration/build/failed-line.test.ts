import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildPlace } from '../../kit/builds/build-place.ts';
import { failureOfStep } from '../../kit/builds/failure-of-step.ts';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

const failureOf = (...commands: (readonly string[])[]): Promise<string> => failureOfStep(place, commands);

describe('a command that never ran is not named as the one that failed', () => {
  const LATER = [['echo later'], ['echo later'], ['echo later']];

  it.each([
    [
      'a command fails before a syntax error',
      [['echo a', 'echo b', 'ls /nonexist', 'if true; then echo; fi fi']],
      'line 10: ls /nonexist',
    ],
    ['it exits before a syntax error', [['echo a', 'exit 3', 'fi fi', 'echo c']], 'lines 8 to 11: echo a …'],
    ['an open quote follows', [['false', 'echo "a', 'b']], 'line 8: false'],
    [
      'the second command of a step has a syntax error',
      [['echo a'], ['echo b', 'echo "c $(printf d)"', '(exit 3)', "it's"]],
      'line 12: (exit 3)',
    ],
    ['an eval of many lines fails', [[`eval "$(printf 'true\\ntrue\\ntrue\\nfalse\\n')"`]], `line 8: eval "$(printf`],
    [
      'an eval of many lines in a longer command fails',
      [["eval 'true", 'false', "true'", 'echo never', 'echo never']],
      "line 8: eval 'true",
    ],
    [
      'one of two such evals fails',
      [["eval 'true", "true'", "eval 'true", 'false', "true'", 'echo never']],
      "lines 8 to 13: eval 'true",
    ],
    ['a command fails below an eval', [["eval 'true", "true'", 'true', 'ls \\', '  /nonexist']], 'lines 11 to 12: ls'],
    ['the step changes LINENO', [['LINENO=100', 'false']], 'line 9: false'],
  ])('%s', async (_, commands, expected) => {
    expect(await failureOf(...commands, ...LATER)).toContain(expected);
  });

  it.each([
    ['a word too many', [['echo a', 'if true; then echo; fi fi', 'echo c']], 'line 9: if true; then echo; fi fi'],
    ['a word that is missing', [['echo a', 'for i in 1 2', '  echo $i', 'done']], 'line 10: echo $i'],
    ['a bracket too many', [['true'], ['echo a', 'echo )', 'true']], 'line 11: echo )'],
    ['a quote without its end', [['echo a', 'echo "b', 'echo c']], 'line 9: echo "b'],
    [
      'a bracket without its end, which bash misses at the end',
      [['echo a', 'x=$(date', 'true']],
      'lines 8 to 10: echo a …',
    ],
    ['an if without its fi', [['echo a', 'if true; then', 'true']], 'lines 8 to 10: echo a …'],
    ['below a command that says something', [['cat < missing || true', 'echo )', 'true']], 'line 9: echo )'],
    ['or an eval of its own that has one', [["eval 'fi'", 'true', 'fi fi']], "line 8: eval 'fi'"],
    ['or a failure above it', [['true', 'sh -c "exit 3"', 'echo )']], 'line 9: sh -c "exit 3"'],
  ])('a syntax error is named by the line that bash tells: %s', async (_, commands, expected) => {
    expect(await failureOf(...commands, ...LATER)).toBe(expected);
  });

  it('messages of bash about a syntax error name its line in the build file', async () => {
    const lines = ['true', 'echo a', 'fi fi', 'true'].map((line) => `              ${line}\n`).join('');
    const file = `version: 1.0.0\nevents:\n  build:\n    steps:\n      - only:\n          script:\n            - |\n${lines}`;
    expect((await place.run(file)).stderr).toContain('acquia-pipelines.yaml: eval: line 10: syntax error near');
  });

  it('a sourced file that fails is named by the line that sources it', async () => {
    place.write({ 'workspace/lib.sh': `${'true\n'.repeat(8)}false\n` });
    expect(await failureOf(['true', '. ./lib.sh', 'true'], ['echo later'])).toBe('line 9: . ./lib.sh');
  });

  it('a function that fails under set -E is named by the line that calls it', async () => {
    expect(await failureOf(['set -E', 'f() {', '  false', '}'], ['true', 'f'])).toBe('line 14: f');
  });
});

describe('a fatal error, which sets off no trap for ERR, is named by its line', () => {
  it.each([
    ['a variable that must be set', [': "${X:?is missing}"']],
    ['a pattern without a file', ['echo /nonexist/*']],
    ['a bad substitution', ['echo ${x!y}']],
    ['a variable that is read-only', ['R=2']],
    ['an unset variable that stands in two lines', ['echo "$unset"']],
  ])('%s', async (_, [command]) => {
    const before = ['shopt -s failglob', 'set -u', 'readonly R=1', 'cat < missing || true'];
    const lines = [...before, command!, '[ ! -f x ] || echo "$unset"'];
    expect(await failureOf(['echo first'], lines, ['echo later'])).toBe(`line 14: ${command}`);
  });

  it('and an earlier message of bash is not taken for one', async () => {
    const lines = ['true', 'cat < missing || true', 'f() { [ -f x ]; }', 'set +e', 'f', 'exit'];
    expect(await failureOf(lines)).toBe('line 13: exit');
    expect(await failureOf(['cat < missing || true', 'kill -9 $$', 'true'])).toBe(
      'lines 8 to 10: cat < missing || true …',
    );
  });
});

describe('a step that runs to its end and fails with the status of its last line is named by that', () => {
  it.each([
    ['which set -e ignores', ['echo a', '[ -f x ] && echo b'], 'line 9: [ -f x ]'],
    ['after set +e', ['set +e', 'true', 'false'], 'line 10: false'],
    [
      'but not where another line has the same words',
      ['[ -f x ] || true', '[ -f x ] && true'],
      'lines 8 to 9: [ -f x ]',
    ],
    ['nor where a function ran last', ['f() { [ -f x ] && true; }', 'set +e', 'f'], 'lines 8 to 10: f()'],
  ])('%s', async (_, lines, expected) => {
    expect(await failureOf(lines)).toContain(expected);
  });
});

describe('a command that is written in several lines is named from its first to its last', () => {
  it.each([
    ['a subshell', ['true', '(', '  echo a', '  exit 3', ')', 'true'], 'lines 9 to 12: ( …'],
    ['a substitution', ['true', 'x="$(', '  echo a', '  exit 5', ')"', 'true'], 'lines 9 to 12: x="$( …'],
    ['a pipeline', ['echo a |', '  grep b |', '  cat', 'true'], 'lines 8 to 10: echo a | …'],
    ['a pipeline with comments', ['echo a | # one', '  grep b |& # two', '  cat', 'true'], 'lines 8 to 10: echo a'],
    [
      'a pipeline that begins with a backslash',
      ['true', 'echo a \\', '  | grep b', 'true'],
      'lines 9 to 10: echo a \\ …',
    ],
    [
      'a pipeline into which a loop writes',
      ['for i in 1 2; do', '  (exit 3)', 'done |', '  cat'],
      'lines 8 to 11: for i',
    ],
    ['a pipeline out of a group', ['{', '  echo a', '  exit 3', '} | cat'], 'lines 8 to 11: { …'],
    ['a text of several lines', ['true', "sh -c '", '  exit 3', "'", 'true'], "line 9: sh -c '"],
    ['a condition', ['true', '[[ a == b ||', '  b == c ]]', 'true'], 'lines 9 to 10: [[ a == b || …'],
    ['a subshell in a loop', ['for i in 1; do', '  (', '    exit 3', '  )', 'done'], 'lines 9 to 11: ( …'],
    ['a subshell in a branch', ['case x in', '  x) (', '    exit 3', '  ) ;;', 'esac'], 'lines 8 to 11: case x in …'],
    ['an argument', ['ls "$(', '  echo /nonexist', ')" \\', '  /nowhere', 'true'], 'lines 8 to 11: ls "$( …'],
  ])('%s', async (_, lines, expected) => {
    expect(await failureOf(lines)).toContain(expected);
  });

  it.each([
    ['after &&', ['true &&', '  false ||', '  ls /nonexist'], 'line 10: ls /nonexist'],
    ['in a branch', ['case x in', '  x) false ;;', 'esac'], 'line 9: x) false ;;'],
    ['after then', ['if true', 'then false', 'fi'], 'line 9: then false'],
    ['behind a loop', ['for i in 1; do', '  true', 'done; false'], 'line 10: done; false'],
    ['with a here-document', ['true', 'cat <<EOF | grep b', 'a', 'EOF', 'true'], 'line 9: cat <<EOF | grep b'],
    ['below a comment that ends with a bar', ['# a or | ', 'false'], 'line 9: false'],
  ])('one that is known exactly stays so: %s', async (_, lines, expected) => {
    expect(await failureOf(lines)).toContain(expected);
  });
});
