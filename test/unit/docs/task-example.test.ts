import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { RESTORE_CHECK } from '../../kit/programs/own-project.ts';
import { readDocument, ROOT } from './documents.ts';

interface Block {
  readonly language: string;
  /** The file that the block says it is from. */
  readonly file: string | undefined;
  readonly text: string;
}

/** The code of the document, each block with what stands behind its fence: ```ts src/restore-check.ts */
function codeBlocks(document: string): Block[] {
  const found = readDocument(document).matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm);
  return [...found].map(([, language = '', file, text = '']) => ({ language, file, text }));
}

const blocks = codeBlocks('controlplane/tasks/README.md').filter(({ language }) => language !== 'sh');

describe('the worked example of a task', () => {
  it('has code', () => {
    expect(blocks.length).toBeGreaterThan(5);
  });

  it.each(blocks.map(({ file, text }) => [file ?? 'no file', text.split('\n')[0], text]))(
    'shows what is in %s of the project: %s …',
    (file, _first, text) => {
      expect(readFileSync(join(RESTORE_CHECK, file), 'utf8')).toContain(text);
    },
  );
});

const PACKAGE = pathToFileURL(join(ROOT, 'controlplane/tasks/write-tasks.ts')).href;

let cli: CommandLine;
beforeEach(() => {
  cli = new CommandLine();
  cli.cwd = mkdtempSync(join(tmpdir(), 'wip-example-'));
  cpSync(join(RESTORE_CHECK, 'src'), cli.cwd, { recursive: true });
  for (const name of readdirSync(cli.cwd)) {
    const text = readFileSync(join(cli.cwd, name), 'utf8');
    const here = text.replace(`'wip-ecs'`, `'${PACKAGE}'`).replace(`'zod'`, `'${import.meta.resolve('zod')}'`);
    writeFileSync(join(cli.cwd, name), here);
  }
});
afterEach(() => rmSync(cli.cwd, { recursive: true }));

// As it is installed from the tarball: test/e2e/package.test.ts.
describe('the class of the worked example', () => {
  it('is one in which the linter finds nothing', async () => {
    const { out, exitCode } = await cli.run('table', 'lint', './restore-check.ts#RestoreCheck');
    expect(out).toContain('no errors, no warnings');
    expect(exitCode).toBe(0);
  });

  it('is told of the row that its table has not', async () => {
    const file = join(cli.cwd, 'restore-check.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^ +stuck +restoreIsStuck\n/m, ''));
    const { out, exitCode } = await cli.run('table', 'lint', './restore-check.ts#RestoreCheck');
    expect(out).toContain(
      'checkRestore can answer "stuck", for which "restore" has no row. Add a row for it, or a `*` row.',
    );
    expect(exitCode).toBe(1);
  });

  it('comes to its end in every run by chance', async () => {
    const { out, exitCode } = await cli.run('table', 'simulate', './restore-check.ts', '--runs', '200');
    expect(out).toContain('COMPLETED');
    expect(exitCode).toBe(0);
  });
});
