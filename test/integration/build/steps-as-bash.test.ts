import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildPlace, stepOf } from '../../kit/builds/build-place.ts';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

/** What the commands wrote to stdout, without the lines of the tool. */
function written(stdout: string): string[] {
  return stdout.split('\n').filter((line) => line !== '' && !/^(=== |--- |\$ | {2})/.test(line));
}

function workspaceFile(name: string): string {
  return readFileSync(place.path('workspace', name), 'utf8');
}

/** A build file whose only step has this one command as a block; its first line is line 8. */
function blockOf(...lines: string[]): string {
  const block = lines.map((line) => (line === '' ? '\n' : `              ${line}\n`)).join('');
  return `version: 1.0.0\nevents:\n  build:\n    steps:\n      - only:\n          script:\n            - |\n${block}`;
}

describe('the commands of a step behave as in one bash script with set -e', () => {
  it.each([
    ['[ -f x ] && do', ['[ -f x ] && echo no', 'echo on'], ['on']],
    ['! true', ['! true', 'echo on'], ['on']],
    ['false && true', ['false && true', 'echo on'], ['on']],
    ['$? between commands', ['false && true', 'echo "$?"', 'echo "$?"'], ['1', '0']],
    ['$? of a failure under set +e', ['set +e', '(exit 7)', 'echo "$?"'], ['7']],
    ['$_ between commands', ['echo one two', 'echo "$_"'], ['one two', 'two']],
    ['PIPESTATUS between commands', ['set +o pipefail', 'false | true', 'echo "${PIPESTATUS[*]}"'], ['1 0']],
    ['a function of an earlier command', ['f() {\n  echo "$1"\n}', 'f a'], ['a']],
    ['a block of several lines', ['if true\nthen\n  echo a\nfi', 'for i in 1 2; do\n  echo $i\ndone'], ['a', '1', '2']],
    ['a here-document', ['cat <<EOF\n$((1 + 1))\nEOF', "cat <<'EOF'\n$x\nEOF\necho on"], ['2', '$x', 'on']],
    ['a comment', ['# nothing', 'echo on # and on'], ['on']],
    ['unset LINENO, and nothing of the tool in the output', ['unset LINENO', 'false || echo on'], ['on']],
    ['set -u', ['set -u', 'echo "${nothing-on}"'], ['on']],
    [
      'shopt -s extglob, which a later command needs to be read',
      ['shopt -s extglob', 'echo @(a|b)*.none'],
      ['@(a|b)*.none'],
    ],
    ['return out of a sourced file', ['echo "return 0; echo no" > f', '. ./f', 'echo on'], ['on']],
    ['a coprocess', ['coproc cat', 'echo hi >&"${COPROC[1]}"', 'read -r x <&"${COPROC[0]}"', 'echo "$x"'], ['hi']],
    [
      'an input that is empty',
      ['read -r line || echo "nothing to read"', 'cat', 'readlink /proc/self/fd/0'],
      ['nothing to read', '/dev/null'],
    ],
  ])('%s', async (_, commands, lines) => {
    const outcome = await place.run(stepOf(...commands));
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(written(outcome.stdout)).toEqual(lines);
  });

  it('set -x shows the commands and none of our own words', async () => {
    const outcome = await place.run(stepOf('set -x', 'echo a', 'false || :', 'f() { false; }', 'f'));
    expect(outcome.stderr.split('\n').slice(0, -2)).toEqual(['+ echo a', '+ false', '+ :', '+ f', '+ false']);
  });

  it.each([3, 9, 10, 11, 12, 63, 254])('exec %i>log has nothing in it but what the step wrote there', async (fd) => {
    const outcome = await place.run(stepOf(`exec ${fd}>log`, 'echo a', `echo mine >&${fd}`, `exec ${fd}>&-`, 'echo b'));
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(workspaceFile('log')).toBe('mine\n');
    expect(outcome.stdout).toMatch(/\$ echo a\na\n\$ echo mine >&\d+\n\$ exec \d+>&-\n\$ echo b\nb\n/);
  });

  it('exec >log has nothing in it but the output, and the commands are shown all the same', async () => {
    const outcome = await place.run(stepOf('exec >log 2>&1', 'echo a', 'sh -c "exit 3"'));
    expect(workspaceFile('log')).toBe('a\n');
    expect(outcome.stdout).toContain('$ exec >log 2>&1\n$ echo a\n$ sh -c "exit 3"\n');
    expect(outcome.stderr).toContain('failed in line 9 of acquia-pipelines.yaml, exit code 3: sh -c "exit 3"');
  });

  it('a trap of the step for EXIT, ERR, DEBUG or a signal runs as it is written', async () => {
    const commands = [
      'trap \'echo "exit $?"\' EXIT',
      'trap "echo err" ERR',
      'trap "echo usr1" USR1',
      'kill -USR1 $$',
      'trap \'[[ $BASH_COMMAND != "echo a" ]] || echo debug\' DEBUG',
      'echo a',
      'trap - DEBUG',
      'f() { (exit 4); }',
      'f',
      'echo never',
    ];
    const outcome = await place.run(stepOf(...commands));
    expect(written(outcome.stdout)).toEqual(['usr1', 'debug', 'a', 'exit 4']);
    expect(outcome.stderr).toContain('The step "only" failed in line 15 of acquia-pipelines.yaml, exit code 4: f\n');
  });

  it('a trap for DEBUG sees the commands of the step, each once, and no others', async () => {
    const commands = [
      'trap \'echo "debug $BASH_COMMAND"\' DEBUG',
      '[ -f x ] && echo y',
      'echo "status $?"',
      'f() { false; }',
      'f',
    ];
    const outcome = await place.run(stepOf(...commands, 'echo never'));
    const expected = ['debug [ -f x ]', 'debug echo "status $?"', 'status 1', 'debug f'];
    expect(written(outcome.stdout)).toEqual(expected);
    expect(outcome.stderr).toBe('The step "only" failed in line 11 of acquia-pipelines.yaml, exit code 1: f\n');
  });

  it.each([
    [
      'in a block',
      ["trap 'last=$BASH_COMMAND' DEBUG", 'echo a', 'cat /none | cat', 'echo'],
      'line 10',
      '1: cat /none | cat',
    ],
    ['by exit', ["trap 'last=$BASH_COMMAND' DEBUG", 'echo a', 'exit 7', 'echo'], 'line 10', '7: exit 7'],
    ['in a loop', ['trap : DEBUG', 'for i in 1 2; do', '  [ $i = 1 ]', 'done'], 'line 10', '1: [ $i = 1 ]'],
    [
      'by a redirection',
      ['trap : DEBUG', 'while read -r x; do', '  echo', 'done < /none'],
      'lines 9 to 11',
      '1: while read -r x; do …',
    ],
  ])('and a failure is named as exactly as without it: %s', async (_, lines, where, how) => {
    const { stderr } = await place.run(blockOf(...lines));
    expect(stderr).toContain(`failed in ${where} of acquia-pipelines.yaml, exit code ${how}\n`);
  });

  it.each([
    'return() { echo R; }',
    'local() { echo L; }',
    ':() { echo C; }',
    'printf() { echo P; }',
    'eval() { echo E; }',
    'trap() { echo T; }',
    'builtin() { echo B "$@"; }',
    'shopt -s expand_aliases; alias builtin="echo A" return="echo A" local="echo A" :="echo A" eval="echo A"',
  ])('a step may have a function or an alias of any name: %s', async (definition) => {
    const outcome = await place.run(stepOf(definition, 'echo a "$?" "$_"', 'sh -c "exit 3"', 'echo never'));
    expect(written(outcome.stdout)).toEqual([expect.stringMatching(/^a 0 /)]);
    expect(outcome.stderr).toBe(
      'The step "only" failed in line 9 of acquia-pipelines.yaml, exit code 3: sh -c "exit 3"\n',
    );
  });

  it('a function called eval does not take away a command that bash cannot read', async () => {
    const outcome = await place.run(stepOf('eval() { echo E; }', 'if true', 'echo never'));
    expect(written(outcome.stdout)).toEqual([]);
    expect(outcome.stderr).toContain('failed in line 8 of acquia-pipelines.yaml, exit code 2: if true\n');
  });

  it.each([
    ['set -v', ['set -v', 'echo a', 'false'], {}, 'echo a\nfalse\n'],
    ['set -v and 2>&1', ['exec 2>&1', 'set -v', 'false'], {}, ''],
    ['set -v with a trap for DEBUG', ['trap : DEBUG', 'set -v', 'false'], {}, 'false\n:\n'],
    [
      'SHELLOPTS=verbose in the environment',
      ['echo a', 'false'],
      { SHELLOPTS: 'verbose' },
      '\n\n\n\n\necho a\nfalse\n',
    ],
  ])('%s shows the commands and none of our own words', async (_, commands, environment, shown) => {
    const outcome = await place.run(stepOf(...commands), { environment });
    expect(outcome.stdout).not.toContain('__wip');
    expect(outcome.stderr).toBe(
      `${shown}The step "only" failed in line ${6 + commands.length} of acquia-pipelines.yaml, exit code 1: false\n`,
    );
  });

  it('SHELLOPTS=xtrace in the environment shows the commands and none of our own words', async () => {
    const outcome = await place.run(stepOf('echo a', 'false'), { environment: { SHELLOPTS: 'xtrace' } });
    expect(outcome.stderr).toMatch(/^\+ set -eo pipefail\n\+ echo a\n\+ false\nThe step /);
  });

  it('an open quote spoils only its own command, also where a later one would close it', async () => {
    const outcome = await place.run(stepOf('echo one', "echo don't", 'echo tested > tested', "echo it's"));
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toContain('The step "only" failed in line 8 of acquia-pipelines.yaml, exit code');
    expect(outcome.stderr).toContain("unexpected EOF while looking for matching `''");
  });

  it.each([
    ['a here-document without its end', 'cat <<EOF\nswallowed'],
    ['a backslash at the end', 'echo swallowed \\'],
  ])('%s swallows nothing of the next command', async (_, command) => {
    const outcome = await place.run(stepOf(command, 'echo on'));
    expect(outcome.exitCode).toBe(0);
    expect(written(outcome.stdout).at(-1)).toBe('on');
  });

  it('an unset LINENO leaves nothing of the tool in the output of a failure', async () => {
    const outcome = await place.run(stepOf('unset LINENO', 'sh -c "exit 3"'));
    expect(outcome.stdout).not.toContain('\0');
    expect(outcome.stderr).toContain('failed in line 8 of acquia-pipelines.yaml, exit code 3: sh -c "exit 3"');
  });

  it.each(['set -r', 'ulimit -n 3'])('a command that runs after %s does not fail for a mark', async (limit) => {
    const outcome = await place.run(stepOf(limit, 'echo on', 'false || echo "status $?"', 'exit 3'));
    expect(written(outcome.stdout)).toEqual(['on', 'status 1']);
    expect(outcome.stderr).toContain('exit code 3');
  });

  it('reads no command twice: what closes a block that it did not open does not run before its turn', async () => {
    const outcome = await place.run(stepOf('echo a > a', '}; echo evil > evil; f() {'));
    expect(outcome.stderr).toContain('failed in line 8');
    expect(() => workspaceFile('evil')).toThrow('ENOENT');
  });

  it('messages of bash name the line of the build file', async () => {
    const { stderr } = await place.run(blockOf('true', 'no-such-program', 'true'));
    expect(stderr).toContain('/acquia-pipelines.yaml: line 9: no-such-program: command not found\n');
    const quoted = await place.run(stepOf('true\ntrue', 'no-such-program'));
    expect(quoted.stderr).toMatch(/\/step-only\.sh: line \d+: no-such-program: command not found\n/);
    expect(quoted.stderr).toContain('failed in line 8 of');
  });

  it('ten thousand commands are shown and run', async () => {
    const outcome = await place.run(stepOf(...Array.from({ length: 10_000 }, (_, at) => `echo ${at}`)));
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stdout.match(/^\$ echo (\d+)\n\1$/gm)).toHaveLength(10_000);
  });
});

describe('a command of several lines that fails is named by the line that failed in it', () => {
  it.each([
    ['plainly', ['echo a', 'echo b', 'false', 'echo never'], 'line 10', 'exit code 1: false'],
    ['in a condition', ['if true; then', '  true', '  (exit 3)', 'fi'], 'line 10', 'exit code 3: (exit 3)'],
    ['in a loop', ['for i in 1 2; do', '  echo $i', '  [ $i = 1 ]', 'done'], 'line 10', 'exit code 1: [ $i = 1 ]'],
    ['where it calls a function', ['f() {', '  false', '}', '', 'f x'], 'line 12', 'exit code 1: f x'],
    ['by exit', ['echo a', 'exit 7', 'echo never'], 'line 9', 'exit code 7: exit 7'],
    [
      'in a function, whose last command also stands where it never ran',
      ['f() { echo f; test -f none; }', 'set +e', 'if [ "$FULL" = yes ]; then', '  test -f none', 'fi', 'f'],
      'lines 8 to 13',
      'exit code 1: f() { echo f; test -f none; } …',
    ],
    [
      'by the words of a loop, after a function whose last command stands in its body',
      ['set -u', 'f() { test -d .; }', 'f', 'for d in $NOPE; do', '  test -d .', 'done'],
      'lines 8 to 13',
      'exit code 1: set -u …',
    ],
    [
      'after a failure in a subshell that has the trap too',
      ['set -E +o pipefail', '{ false; echo; } | cat', 'echo ok', 'exit 3'],
      'line 11',
      'exit code 3: exit 3',
    ],
    ['by set -u', ['set -u', 'echo a', 'echo "$nothing"'], 'line 10', 'exit code 1: echo "$nothing"'],
    [
      'by a program that does not exist',
      ['true', 'no-such \\', '  argument', 'true'],
      'lines 9 to 10',
      'exit code 127: no-such \\',
    ],
    [
      'although its traps are its own',
      ['trap true EXIT ERR', 'true', 'exit 3'],
      'lines 8 to 10',
      'exit code 3: trap true EXIT ERR …',
    ],
    ['because it is killed', ['true', 'kill -9 $$', 'true'], 'lines 8 to 10', 'ended by SIGKILL'],
  ])('%s', async (_, lines, where, how) => {
    const { stderr } = await place.run(blockOf(...lines));
    expect(stderr).toContain(`The step "only" failed in ${where} of acquia-pipelines.yaml, ${how}`);
  });

  it('in a folded block all its lines are named', async () => {
    const { stderr } = await place.run(blockOf('true &&', 'sh -c "exit 3"').replace('- |', '- >'));
    expect(stderr).toContain('failed in lines 8 to 9 of acquia-pipelines.yaml, exit code 3: true && sh');
  });

  it('a command of an anchor is named by the line where it stands', async () => {
    const file = `version: 1.0.0
x-common:
  - &check |
    true
    false
events: {build: {steps: [{first: {script: ["true"]}}, {second: {script: ["true", *check]}}]}}
`;
    expect((await place.run(file)).stderr).toContain('The step "second" failed in line 5 of acquia-pipelines.yaml');
  });

  it('a command of 200 kB is not repeated in the sentence', async () => {
    const { stderr } = await place.run(stepOf(`false ${'x'.repeat(200_000)}`));
    expect(stderr).toMatch(/^The step "only" failed in line 7 of \S+, exit code 1: false x{190,200} …\n$/);
  });
});

describe('a signal is named in the sentence about a failure', () => {
  it.each([
    ['of a program of the step', 'sh -c "kill -9 \\$\\$"', 'exit code 137 (SIGKILL: it was killed'],
    ['of the shell of the step', 'kill -9 $$', 'ended by SIGKILL (it was killed'],
    ['of a pipe whose reader ends', 'yes | head -1', 'exit code 141 (SIGPIPE: it wrote to a command that had stopped'],
  ])('%s', async (_, command, words) => {
    expect((await place.run(stepOf(command))).stderr).toContain(`acquia-pipelines.yaml, ${words}`);
  });

  it('and that memory was used up, where the kernel has counted a kill in the step', async () => {
    let kills = 3;
    const outcome = await place.run(stepOf('sh -c "kill -9 \\$\\$"'), { oomKills: () => kills++ });
    expect(outcome.stderr).toContain('exit code 137 (SIGKILL: the kernel ended a process because the memory of the');
  });

  it('and a step that goes on after such a kill succeeds with a warning', async () => {
    let kills = 3;
    const outcome = await place.run(stepOf('sh -c "kill -9 \\$\\$" || true'), { oomKills: () => kills++ });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr).toMatch(
      /\nwarning: while the step "only" ran, the kernel ended a process because the memory of the container was used up\n$/,
    );
    expect(await place.run(stepOf('true'), { oomKills: () => 3 })).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
