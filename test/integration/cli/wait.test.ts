import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { eventually } from '../../kit/eventually.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
  for (let id = 1; id <= 2; id += 1) {
    await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
  }
});
afterEach(() => cli.close());

const SUCCESS = { status: 'COMPLETE', exitStatus: 'COMPLETED', exitMessage: 'The build succeeded.' } as const;
const FAILURE = { status: 'COMPLETE', exitStatus: 'ERROR_USER', exitMessage: 'Step 2 failed.' } as const;

describe('wipctl wait', () => {
  it('waits until each task has ended, and says how', async () => {
    const waiting = cli.run('wait', '1', '2');
    cli.services.change(1, SUCCESS);
    await eventually('the first end', () => cli.out.text.includes('Task 1 completed: The build succeeded.'));
    cli.services.change(2, SUCCESS);
    expect(await waiting).toMatchObject({ exitCode: 0, err: '' });
    expect(cli.out.text).toContain('Task 2 completed: ');
  });

  it('exits with 1 when one of them failed, and with more when one is not there', async () => {
    cli.services.change(1, FAILURE);
    cli.services.change(2, SUCCESS);
    expect(await cli.run('wait', '1', '2')).toMatchObject({ exitCode: 1 });
    expect(await cli.run('wait', '1', '99', '2')).toMatchObject({ exitCode: 3 });
    expect(JSON.parse((await cli.run('wait', '2', '--json')).out)).toMatchObject({ id: 2, exitStatus: 'COMPLETED' });
  });

  it('gives up after --timeout, and when it is interrupted', async () => {
    const late = await cli.run('wait', '1', '--timeout', '0s');
    expect(late).toEqual({ exitCode: 124, out: '', err: 'Not ended within 0s; the task goes on.\n' });
    cli.interrupt.abort();
    expect(await cli.run('wait', '1')).toMatchObject({ exitCode: 130, err: 'Stopped waiting; the task goes on.\n' });
    expect(await cli.run('wait', '1', '--timeout', 'soon')).toMatchObject({ exitCode: 2, out: '' });
  });

  it('goes on after the server was away', async () => {
    cli.services.change(1, SUCCESS);
    const waiting = cli.run('wait', '1', '2');
    await eventually('the first end', () => cli.out.text.includes('Task 1 completed'));
    await cli.close();
    await eventually('the loss', () => cli.err.text.includes('trying again'));
    cli.services.change(2, SUCCESS);
    await cli.listen();
    expect(await waiting).toMatchObject({ exitCode: 0 });
  });
});

describe('wipctl open', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'wip-open-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('prints the address of the page', async () => {
    expect((await cli.run('open', '1')).out).toBe(`${cli.url}/tasks/1\n`);
    expect((await cli.run('open')).out).toBe(`${cli.url}/\n`);
    expect(JSON.parse((await cli.run('open', '1', '--json')).out)).toEqual({ url: `${cli.url}/tasks/1` });
    expect(await cli.run('open', '99')).toMatchObject({ exitCode: 3, out: '' });
  });

  it('starts the browser of a person at a terminal', async () => {
    const browser = join(directory, 'browser');
    writeFileSync(
      browser,
      `#!/bin/sh\necho "$1" > "${join(directory, 'unfinished')}"\nmv "${join(directory, 'unfinished')}" "${join(directory, 'opened')}"\n`,
    );
    chmodSync(browser, 0o755);
    cli.environment = { ...cli.environment, BROWSER: browser };
    await cli.run('open', '1');
    cli.terminal = { columns: 80 };
    await cli.run('open', '2', '--print');
    await cli.run('open', '2');
    await eventually('the start of the browser', () => existsSync(join(directory, 'opened')));
    expect(readFileSync(join(directory, 'opened'), 'utf8')).toBe(`${cli.url}/tasks/2\n`);
    cli.environment = { ...cli.environment, BROWSER: join(directory, 'none') };
    expect(await cli.run('open', '2')).toMatchObject({
      exitCode: 0,
      err: expect.stringContaining('could not be started') as string,
    });
  });
});
