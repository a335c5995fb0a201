import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';

const GOOD = `fetch:checkFetch {
  success  finish
  wait     fetch wait=10 exec=false
  *        failure
  !        failure
}
failure {
  *  finish
  !  finish
}
terminate {
  *  failure
}
`;

const AT = '2026-01-01T00:00:';
const RECORDED = [
  { from: null, value: null, to: 'fetch', executed: true, at: `${AT}00.000Z` },
  { from: 'fetch', value: 'wait', to: 'fetch', executed: false, at: `${AT}01.000Z` },
  { from: 'fetch', value: 'odd', to: 'failure', executed: true, at: `${AT}13.000Z` },
  { from: 'failure', value: '', to: 'finish', executed: true, at: `${AT}13.500Z` },
].map((step, index) => ({ number: index + 1, tookMs: 3, note: null, ...step }));

let cli: CommandLine;
beforeEach(() => {
  cli = new CommandLine();
  cli.cwd = mkdtempSync(join(tmpdir(), 'wip-table-'));
  writeFileSync(join(cli.cwd, 'good'), GOOD);
  writeFileSync(join(cli.cwd, 'spins'), GOOD.replace(' wait=10', ''));
  writeFileSync(join(cli.cwd, 'broken'), 'a {\n  x\n  y b wait=soon\n}\n');
  writeFileSync(join(cli.cwd, 'script'), "fetch { 'wait' 'success' }");
});
afterEach(() => rmSync(cli.cwd, { recursive: true }));

describe('wipctl table lint', () => {
  it('finds nothing wrong with a good table and keeps notes for those who ask', async () => {
    expect(await cli.run('table', 'lint', 'good')).toMatchObject({
      exitCode: 0,
      out: 'good: no errors, no warnings.\n',
    });
    expect((await cli.run('table', 'lint', 'good', '--notes')).out).toContain('[unlimited-wait]');
  });

  it('exits with 1 and names the line when there is an error', async () => {
    const { exitCode, out } = await cli.run('table', 'lint', 'spins');
    expect([exitCode, out]).toEqual([1, expect.stringMatching(/^spins: line 3: error: .*\[spin\]$/m)]);
  });

  it('shows every mistake of a table that cannot be read', async () => {
    const { exitCode, err } = await cli.run('table', 'lint', 'broken');
    expect([exitCode, err.match(/^broken: line [23], column/gm)]).toEqual([
      1,
      ['broken: line 2, column', 'broken: line 3, column'],
    ]);
  });

  it('compares a task we ship with its class, and finds it clean', async () => {
    for (const { kind } of SHIPPED_KINDS) {
      expect(await cli.run('table', 'lint', kind)).toMatchObject({
        exitCode: 0,
        out: `${kind}: no errors, no warnings.\n`,
      });
    }
  });

  it('tells programs the rule, the line, the sentence and the remedy', async () => {
    const { exitCode, out } = await cli.run('table', 'lint', 'spins', '--json');
    const { findings } = JSON.parse(out) as { findings: { rule: string }[] };
    expect(exitCode).toBe(1);
    expect(findings.find(({ rule }) => rule === 'spin')).toEqual({
      rule: 'spin',
      severity: 'error',
      state: 'fetch',
      value: 'wait',
      line: 3,
      column: 3,
      message: 'The row "wait" of "fetch" comes back to it without a wait',
      remedy: 'Give the row a `wait`, and a `max` if it is a retry',
    });
  });

  it('tells programs every mistake of a table that cannot be read', async () => {
    const { exitCode, out, err } = await cli.run('table', 'lint', 'broken', '--json');
    const { problems } = JSON.parse(out) as { problems: { code: string; line: number }[] };
    expect([exitCode, err, problems.map(({ code, line }) => `${code} ${line}`)]).toEqual([
      1,
      '',
      ['malformed-row 2', 'option-not-integer 3'],
    ]);
  });

  it('prints what it finds from the top of the table to its end', async () => {
    const text = 'start {\n  * ghost\n}\nlost {\n  * lost\n}\n';
    writeFileSync(join(cli.cwd, 'several'), `${text}${GOOD.slice(GOOD.indexOf('failure {'))}`);
    const { out } = await cli.run('table', 'lint', 'several');
    const lines = [...out.matchAll(/: line (\d+):/g)].map((match) => Number(match[1]));
    expect(lines.length).toBeGreaterThan(3);
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  });

  it('takes a comment for an answer, and names it to those who ask', async () => {
    const reason = '# lint-ignore: spin the answer comes at once';
    writeFileSync(join(cli.cwd, 'excused'), GOOD.replace(' wait=10 exec=false', ` exec=false ${reason}`));
    expect((await cli.run('table', 'lint', 'excused')).exitCode).toBe(0);
    const { out } = await cli.run('table', 'lint', 'excused', '--notes');
    expect(out).toContain('excused: line 3: spin is ignored: the answer comes at once\n');
  });

  it('compares waits with the time a task may run', async () => {
    writeFileSync(join(cli.cwd, 'long'), GOOD.replace('wait=10', 'wait=1000 max=10'));
    expect((await cli.run('table', 'lint', 'long')).out).toBe('long: no errors, no warnings.\n');
    const { out } = await cli.run('table', 'lint', 'long', '--max-run-seconds', '3600', '--notes');
    expect(out).toContain('[long-wait]');
    expect(out).toContain('long: "fetch" waits at most 2 h 46 min\n');
  });

  it('reads standard input', async () => {
    cli.input = GOOD.replace(' wait=10', '');
    expect(await cli.run('table', 'lint', '-')).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('standard input: line 3: error:'),
    });
  });

  it('says what else could be given when there is no such file', async () => {
    const { exitCode, err } = await cli.run('table', 'lint', 'BuildStep');
    expect([exitCode, err]).toEqual([
      2,
      expect.stringContaining('or one of BasicWip, ContainerWip, BuildSteps, Canary. [USAGE]'),
    ]);
  });
});

describe('wipctl table simulate', () => {
  it('walks by a script and says how it ended', async () => {
    const { out } = await cli.run('table', 'simulate', 'good', '--script', 'script');
    expect(out).toBe(
      "fetch => 'wait' => [fetch]\nfetch => 'success' => finish\nIt ended as COMPLETED, after 10 s of virtual time.\n",
    );
  });

  it('gives the same report for the same seed', async () => {
    const report = async (seed: string): Promise<string> =>
      (await cli.run('table', 'simulate', 'good', '--runs', '200', '--seed', seed)).out;
    expect(await report('7')).toBe(await report('7'));
    expect(await report('7')).not.toBe(await report('8'));
    expect(await report('7')).toContain('Rows taken: ');
  });

  it('exits with 1 and prints the shortest script when runs never end', async () => {
    writeFileSync(
      join(cli.cwd, 'endless'),
      GOOD.replace('success  finish', 'success  fetch wait=5').replace('*        failure', '*        fetch wait=1'),
    );
    const { exitCode, out } = await cli.run('table', 'simulate', 'endless', '--runs', '20');
    expect(exitCode).toBe(1);
    expect(out).toMatch(/step-limit in fetch; the shortest script to it:\n {4}fetch \{\n {6}'\w+'\n {4}\}\n/);
  });

  it('makes the script of a recorded task, which walks the same way', async () => {
    writeFileSync(join(cli.cwd, 'recording'), JSON.stringify({ steps: RECORDED }));
    const { out } = await cli.run('table', 'simulate', 'good', '--recording', 'recording');
    writeFileSync(join(cli.cwd, 'script'), out);
    expect((await cli.run('table', 'simulate', 'good', '--script', 'script')).out).toBe(
      "fetch => 'wait' => [fetch]\nfetch => 'odd' => failure\nfailure => '' => finish\nIt ended as ERROR_SYSTEM, after 10 s of virtual time.\n",
    );
  });

  it('shows a class with a container in its own states, and not in the blocks that every such class has', async () => {
    const { out } = await cli.run('table', 'simulate', 'BuildSteps', '--runs', '2000');
    const own = /^Runs that entered its own states[^]*?(?=^Visits)/m.exec(out)?.[0] ?? '';
    expect(Number(/([\d.]+) % {2}executeBuildScript$/m.exec(own)?.[1])).toBeGreaterThan(10);
    expect(own).toContain('ensureBuildUser');
    expect(own).not.toContain('containerWip');
    expect((await cli.run('table', 'simulate', 'good')).out).not.toContain('its own states');
  });

  it('refuses a number of runs that is none', async () => {
    expect(await cli.run('table', 'simulate', 'good', '--runs', 'many')).toMatchObject({ exitCode: 2, out: '' });
  });
});

describe('wipctl table draw', () => {
  it('prints DOT text or writes it to a file, with the path of a script highlighted', async () => {
    const plain = (await cli.run('table', 'draw', 'good')).out;
    expect(plain).toMatch(/^digraph .*\}\n$/s);
    await cli.run('table', 'draw', 'good', '--script', 'script', '-o', 'good.dot');
    expect(readFileSync(join(cli.cwd, 'good.dot'), 'utf8')).not.toBe(plain);
    expect(await cli.run('table', 'draw', 'good', '-o', 'no/such/place')).toMatchObject({ exitCode: 2 });
  });

  it('says when a script leads only part of the way', async () => {
    writeFileSync(join(cli.cwd, 'part'), "start { '' }");
    const { err, out } = await cli.run('table', 'draw', 'good', '--script', 'part');
    expect(err).toBe('The script leads only part of the way: it has no answer for the state fetch.\n');
    expect(out).toMatch(/^digraph/);
  });

  it('makes a picture when the file is to be one, with the way of a recorded task and its times', async () => {
    writeFileSync(join(cli.cwd, 'recording'), JSON.stringify({ steps: RECORDED }));
    await cli.run('table', 'draw', 'good', '--recording', 'recording', '-o', 'good.svg');
    const svg = readFileSync(join(cli.cwd, 'good.svg'), 'utf8');
    expect(svg).toMatch(/^<\?xml/);
    expect(svg).toContain('2× · 13 s');
    writeFileSync(join(cli.cwd, 'recording'), '{"steps":[{}]}');
    expect(await cli.run('table', 'draw', 'good', '--recording', 'recording')).toMatchObject({ exitCode: 2 });
    expect(await cli.run('table', 'draw', 'good', '-o', 'good.png')).toMatchObject({ exitCode: 2 });
  });
});

describe("a user's task class", () => {
  const PRODUCT = fileURLToPath(new URL('../../../controlplane/tasks/basic-wip.ts', import.meta.url));
  const classText = (name: string, values: string): string =>
    `export class ${name} extends BasicWip {
      get transitions() { return { checkFetch: ${values} }; }
      getStateTable() { return ${JSON.stringify(GOOD)}; }
      fetch() {}
      checkFetch() { return 'success'; }
    }\n`;
  const start = `import { BasicWip } from ${JSON.stringify(pathToFileURL(PRODUCT).href)};\n`;

  it('is held against its own table', async () => {
    writeFileSync(join(cli.cwd, 'one.ts'), `${start}${classText('Fetch', "['success', 'wait']")}`);
    expect(await cli.run('table', 'lint', './one.ts')).toMatchObject({ exitCode: 0 });
    writeFileSync(join(cli.cwd, 'wrong.ts'), `${start}${classText('Fetch', "['success']")}`);
    const { exitCode, out } = await cli.run('table', 'lint', './wrong.ts');
    expect([exitCode, out]).toEqual([1, expect.stringContaining('checkFetch never answers "wait"')]);
  });

  it('is named when a module has several', async () => {
    const text = `${start}${classText('Fetch', "['success', 'wait']")}${classText('Other', "['success', 'wait']")}`;
    writeFileSync(join(cli.cwd, 'two.ts'), text);
    expect((await cli.run('table', 'lint', './two.ts')).err).toContain('Name one of them: ./two.ts#Fetch.');
    expect(await cli.run('table', 'lint', './two.ts#Other')).toMatchObject({ exitCode: 0 });
  });

  it('warns of "cleanup" and "onFinished", which the engine would never call', async () => {
    const text = `import { BasicWip } from ${JSON.stringify(pathToFileURL(PRODUCT).href)};
      export class Mine extends BasicWip {
        onFinish() {}
        onFinished() {}
        cleanup() {}
        clean() {}
        finished() {}
        onExit() {}
        onMain() {}
        onFile() {}
        onState() {}
        onFial() {}
        onSignals() {}
      }\n`;
    writeFileSync(join(cli.cwd, 'mine.ts'), text);
    const { out } = await cli.run('table', 'lint', './mine.ts');
    expect([...out.matchAll(/"(\w+)" is no hook; perhaps "(\w+)" is meant/g)].map(([, ...names]) => names)).toEqual([
      ['onFinished', 'onFinish'],
      ['cleanup', 'cleanUp'],
      ['onFial', 'onFail'],
      ['onSignals', 'onSignal'],
    ]);
  });

  it('may not call a state by the name of something else that its class has', async () => {
    const table = ['workId', 'task', 'title', 'addContainerOverrides', 'checkContainerResultStatus', 'helper', 'own']
      .map((name, index, all) => `${name} {\n * ${all[index + 1] ?? '${this.getContainerStopState()}'}\n}\n`)
      .join('');
    const container = PRODUCT.replace('basic-wip', 'container/container-wip');
    const text = `import { ContainerWip } from ${JSON.stringify(pathToFileURL(container).href)};
      export class Mine extends ContainerWip {
        getStateTable() { return \`${table}\${super.getStateTable()}\`; }
        own = async () => {};
        helper() {}
      }\n`;
    writeFileSync(join(cli.cwd, 'mine.ts'), text);
    const { out } = await cli.run('table', 'lint', './mine.ts');
    const collisions = out.split('\n').filter((line) => line.endsWith('[name-collision]'));
    expect(collisions.map((line) => line.match(/has a "(\w+)"/)?.[1])).toEqual([
      'workId',
      'task',
      'title',
      'addContainerOverrides',
      'checkContainerResultStatus',
    ]);
    expect(out).not.toContain('[missing-state-method]');
  });

  it('is explained when it is none', async () => {
    writeFileSync(join(cli.cwd, 'none.ts'), 'export const answer = 42;\n');
    expect(await cli.run('table', 'lint', './none.ts')).toMatchObject({ exitCode: 2 });
    expect((await cli.run('table', 'lint', './gone.ts')).err).toContain('[USAGE]');
  });
});
