import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildPlace } from '../../kit/builds/build-place.ts';
import { failureOfStep } from '../../kit/builds/failure-of-step.ts';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

const failureOf = (...commands: (readonly string[])[]): Promise<string> => failureOfStep(place, commands);

describe('a redirection of a compound command that fails is named, and not the command before', () => {
  const GROUP = ['{', '  echo a', '} >/nonexist/a'];

  it.each([
    [
      'of a loop',
      ['true', 'while read -r x; do', '  echo "$x"', 'done < missing', 'true'],
      'lines 9 to 11: while read',
    ],
    ['in one line', ['true', 'while read -r x; do echo; done < missing', 'true'], 'line 9: while read -r x; do'],
    ['at the start of a step', ['while read -r x; do', '  echo', 'done < missing'], 'lines 8 to 10: while'],
    ['of a group', ['true', ...GROUP, 'true'], 'lines 9 to 11: { …'],
    ['of a branch', ['[[ -n a ]] && true', 'if true; then', '  echo', 'fi >/nonexist/a'], 'lines 9 to 11: if true'],
    ['of a condition', ['true', '[[ a == a ]] < missing'], 'line 9: [[ a == a ]] < missing'],
    ['after one that was allowed to fail', ['cat < missing || true', ...GROUP], 'lines 9 to 11: { …'],
  ])('%s', async (_, lines, expected) => {
    expect(await failureOf(lines)).toContain(expected);
    expect(
      await failureOf(
        ['true'],
        lines.map((line) => line),
        ['true'],
      ),
    ).toContain(expected.replace(/^.*?: /, ''));
  });

  it.each([['[ -f x ] && rm x'], ['! true']])(
    'at the start of an item behind one with an ignored status: %s',
    async (before) => {
      expect(await failureOf([before], GROUP)).toContain(' 10 to 12: {');
      expect(await failureOf([before], ['for i in 1 2; do', '  { echo; } > /nonexist/a', 'done'])).toContain(
        ' 11: { echo; }',
      );
      expect(await failureOf([before], ['while read -r x; do', '  echo', 'done < missing'])).toContain(
        ' 10 to 12: while',
      );
      expect(await failureOf([before], ['case a in', '  a) { echo; } > /nonexist/a ;;', 'esac'])).toContain(' 11: a)');
    },
  );

  it.each([
    [
      'in a loop',
      ['for i in 1; do', '  true', '  if true; then', '    echo', '  fi >/nonexist/a', 'done'],
      '12 to 14: if',
    ],
    ['without a message', ['exec 2>/dev/null', 'true', ...GROUP], '12 to 14: {'],
    [
      'behind the message of an earlier round',
      [
        'for i in 1 2; do',
        '  true',
        '  [[ $i == 1 ]] || exec 2>/dev/null',
        '  { echo; } </nonexist/"$i" || { [[ $i == 1 ]]; true; }',
        '  { echo; } >/nonexist/a',
        'done',
      ],
      '14: { echo; } >/nonexist/a',
    ],
  ])('where bash does not tell its line and no other can have failed: %s', async (_, lines, expected) => {
    expect(await failureOf(['echo first'], lines)).toContain(` ${expected}`);
  });

  it.each([
    ['without a message', ['exec 2>/dev/null', 'true', ...GROUP, ...GROUP]],
    ['in a loop', ['for i in 1 2; do', '  true', ...GROUP, '  { echo b; } >/nonexist/a', 'done']],
  ])('as the whole of what was written, where several can have failed: %s', async (_, lines) => {
    expect(await failureOf(['echo first'], lines)).toContain(`lines 10 to ${9 + lines.length}: ${lines[0]}`);
  });

  const READ = ['while read -r y; do', '  echo "$y"', 'done < missing'];

  it.each([
    ['[ -f x ] && rm x'],
    ['[[ -f x ]] && rm x'],
    ['(( 0 )) && rm x'],
    ['! true'],
    ['! ls'],
    ['false || true'],
    ['x=$(false) || true'],
    ['test 1  -eq 2 2>/dev/null && echo'],
    ['if [ -f x ]; then rm x; fi'],
    ['while false; do :; done'],
    ['until true; do :; done'],
    ['false | true || true'],
    ['( exit 3 ) || true'],
    ['f() { false; }; f || true'],
    ['[ -f x ] \\', '  && rm x'],
    ['[ -f x ] &&', '  rm x'],
    ['cat < missing || true'],
    ['set +e', 'false', 'set -e'],
    ['cat <<X | grep b || true', 'done < missing', 'X'],
  ])('after a status that ends nothing: %s', async (...before) => {
    const at = 8 + before.length;
    expect(await failureOf([...before, ...READ, 'true'])).toContain(`lines ${at} to ${at + 2}: while read`);
    expect(await failureOf([...before, READ.join('; ').replace('do;', 'do'), 'true'])).toContain(
      `line ${at}: while read`,
    );
  });

  it.each([
    ['in a loop over words', ['for i in 1 2; do', '  [ -f x ] && rm x', ...READ, 'done'], 'lines 10 to 12: while'],
    ['in an endless loop', ['while :; do', '  [ -f x ] && rm x', ...READ, 'done'], 'lines 10 to 12: while'],
    ['in a branch', ['case a in', 'a) [ -f x ] && rm x', ...READ, ';;', 'esac'], 'lines 10 to 12: while'],
    [
      'in a loop that reads a file itself',
      ['printf a > l', 'while read -r x || [ "$x" ]; do', '  [ -f x ] && rm x', '  { cat; } < "$x"', 'done < l'],
      'line 11: { cat; }',
    ],
    [
      'in a loop that reads a file which is not known',
      ['l=l; echo a > l', 'while read -r x; do', '  [ -f x ] && rm x', '  { cat; } < "$x"', 'done < "$l"'],
      'line 11: { cat; }',
    ],
    [
      'the second of two',
      ['echo a > l', ...READ.map((line) => line.replace('missing', 'l')), '[ -f x ] && rm x', ...READ],
      'lines 13 to 15: while',
    ],
    ['in a function', ['f() {', '  [ -f x ] && rm x', ...READ, '}', 'f'], 'line 14: f'],
    ['in a subshell', ['[ -f x ] && rm x', '(', ...READ, ')', 'true'], 'lines 9 to 13: ( …'],
    ['of a subshell', ['[ -f x ] && rm x', '(', '  echo', ') > /nonexist/a', 'true'], 'lines 9 to 11: ( …'],
    [
      'at the start of a pipeline',
      ['[ -f x ] && rm x', ...READ.slice(0, 2), 'done < missing | cat'],
      'lines 9 to 11: while',
    ],
    ['at the end of one', ['[ -f x ] && rm x', 'true | {', '  cat', '} > /nonexist/a'], 'lines 9 to 11: true | {'],
    ['after &&', ['[ -f x ] && rm x', 'true && {', '  cat', '} > /nonexist/a'], 'lines 9 to 11: true && {'],
    ['with a here-document', ['[ -f x ] && rm x', '{', '  cat', '} <<E > /nonexist/a', 'b', 'E'], 'lines 9 to 11: { …'],
    ['in a line of its own', ['[ -f x ] && rm x', '{', '  cat', '} \\', '  > /nonexist/a'], 'lines 9 to 12: { …'],
    ['of a text', ['[ -f x ] && rm x', 'if true; then', '  cat', 'fi >& "$nothing"'], 'lines 9 to 11: if true'],
    ['of a descriptor', ['[ -f x ] && rm x', '{', '  cat', '} <&77'], 'lines 9 to 11: { …'],
    [
      'that is not allowed',
      ['echo > a; set -C', '[ -f x ] && rm x', '{', '  echo', '} 2>&1 > a'],
      'lines 10 to 12: { …',
    ],
  ])('after a status that ends nothing, %s', async (_, lines, expected) => {
    expect(await failureOf(lines)).toContain(expected);
  });

  it.each([
    ['a group', '{ true; false; } && rm x'],
    ['a subshell', '( exit 2 ) && rm x'],
    ['a branch', 'if true; then false; fi || true'],
    ['a variable', '[ -f "$HOME/no such file" ] && rm x'],
  ])('after a status of %s that ends nothing, also where the message of bash goes elsewhere', async (_, before) => {
    const group = ['{', '  cat', '} 2>/dev/null < missing'];
    expect(await failureOf([before, ...group, 'true'])).toContain('lines 9 to 11: { …');
  });

  it.each([
    ['behind && of the same words', ['true', '[ -f x ] && [ -f y ] || [ -f x ]', ...READ], 'line 9: [ -f x ]'],
    [
      'in a later round',
      ['for i in 1 2; do', '  [ $i = 1 ]', '  cat < missing || true', '  { cat; } < missing || true', 'done'],
      'line 9: [ $i = 1 ]',
    ],
    [
      'in a later round of a loop that reads a file',
      ['printf "1\\n2\\n" > l', 'while read -r i; do', '  [ $i = 1 ]', '  { cat; } < missing || true', 'done < l'],
      'line 10: [ $i = 1 ]',
    ],
    ['which only looks like a condition', ['true', './if-false || ! true; false', ...READ], 'line 9: ./if-false'],
    ['whose words only look like an end', ['true', 'ls /nonexist/done > a', 'echo done < missing'], 'line 9: ls'],
  ])('and a command that fails stays named %s', async (_, lines, expected) => {
    expect(await failureOf(lines)).toContain(expected);
  });

  it('does not change which command is named where one has failed', async () => {
    expect(await failureOf(['for i in 1 2; do', '  [[ $i == 1 ]]', '  cat < missing || true', 'done'])).toContain(
      'line 9: [[ $i',
    );
    expect(await failureOf(['true', '((0))', 'true'])).toContain('line 9: ((0))');
    expect(await failureOf(['true', 'echo a > /nonexist/a'])).toContain('line 9: echo a');
    expect(await failureOf(['set -u', 'f() { return 3; }', 'true', 'f'])).toContain('line 11: f');
  });
});
