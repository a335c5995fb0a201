import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { CommandLine } from '../../kit/command-line.ts';

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
      out: 'good: nothing to find fault with.\n',
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

  it('compares a task we ship with its class', async () => {
    for (const { kind } of SHIPPED_KINDS) {
      const { findings } = JSON.parse((await cli.run('table', 'lint', kind, '--json')).out) as {
        findings: { code: string }[];
      };
      const codes = findings
        .map(({ code }) => code)
        .filter((code) => code.startsWith('missing') || code === 'name-collision');
      expect(codes, kind).toEqual([]);
    }
  });

  it('says what else could be given when there is no such file', async () => {
    const { exitCode, err } = await cli.run('table', 'lint', 'BuildStep');
    expect([exitCode, err]).toEqual([
      2,
      expect.stringContaining('or one of BasicWip, ContainerWip, BuildSteps. [USAGE]'),
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
});
