import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { parseOptions, type WipClass } from '../../../controlplane/tasks/basic-wip.ts';
import type { ContainerWip } from '../../../controlplane/tasks/container-wip.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import { CommandLine } from '../../kit/command-line.ts';
import { FakeContext } from '../../kit/wip-context.ts';
import { readDocument, ROOT } from './documents.ts';

const ATTEMPT = { number: 1, ready: null, output: null, exit: null, verified: true };
const require = createRequire(import.meta.url);

/** The example as a reader copies it, with its imports as they are in a checkout. */
function example(): string {
  const code = /^```ts\n([\s\S]*?)^```$/m.exec(readDocument('controlplane/tasks/README.md'))?.[1];
  if (!code) throw new Error('controlplane/tasks/README.md has no TypeScript block');
  return code
    .replace("'wip-ecs'", `'${pathToFileURL(join(ROOT, 'controlplane/tasks/write-tasks.ts')).href}'`)
    .replace("'zod'", `'${pathToFileURL(require.resolve('zod')).href}'`);
}

let cli: CommandLine;
beforeEach(() => {
  cli = new CommandLine();
  cli.cwd = mkdtempSync(join(tmpdir(), 'wip-example-'));
  writeFileSync(join(cli.cwd, 'nightly-report.ts'), example());
});
afterEach(() => rmSync(cli.cwd, { recursive: true }));

describe('the example of a task', () => {
  it('is a class in which the linter finds nothing', async () => {
    const { out, exitCode } = await cli.run('table', 'lint', './nightly-report.ts#NightlyReport');
    expect(out).toContain('no errors, no warnings');
    expect(exitCode).toBe(0);
  });

  it('tells the user of a disk limit that it was the disk limit, and not the system', async () => {
    const { NIGHTLY_REPORT } = (await import(pathToFileURL(join(cli.cwd, 'nightly-report.ts')).href)) as {
      NIGHTLY_REPORT: WipClass;
    };
    const options = parseOptions(NIGHTLY_REPORT, { day: '2026-11-28' });
    const wip = NIGHTLY_REPORT.create({ uuid: 'u', options }) as ContainerWip;
    const row = parseStateTable(wip.getStateTable())
      .states.find(({ name }) => name === 'makeReport')
      ?.transitions.find(({ value }) => value === 'terminated');
    const context = new FakeContext();
    const output = { classId: CLASS_ID.output, exitLog: 'The disk limit was exceeded.', log: '' };
    context.attempt = { ...ATTEMPT, output: { ...output, cause: 'limit-disk' } };
    expect(row?.target).toBe('containerTerminated');
    await wip.containerTerminated(context);
    expect(context.exited).toMatchObject({ status: 'ERROR_USER', message: 'The disk limit was exceeded.' });
  });

  it('comes to its end in every run by chance', async () => {
    const { out, exitCode } = await cli.run('table', 'simulate', './nightly-report.ts#NightlyReport', '--runs', '200');
    expect(out).toContain('COMPLETED');
    expect(exitCode).toBe(0);
  });
});
