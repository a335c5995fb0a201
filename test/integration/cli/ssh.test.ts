import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shellQuote } from '../../../shared/text/shell-quote.ts';
import { createSshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { RUNNING_ATTEMPT } from '../../kit/agent/running-attempt.ts';
import { eventually } from '../../kit/eventually.ts';
import { lacking } from '../../kit/lacking.ts';
import { CHECKOUT, COMPILE_CACHE } from '../../kit/programs/program.ts';
import { SshAgentFixture } from '../../kit/agent/ssh-agent-fixture.ts';

const why = lacking('openssh', existsSync('/usr/bin/ssh'), 'openssh-client');

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
  await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
});
afterEach(() => cli.close());

describe.skipIf(why)(`wipctl ssh${why ? ` (${why})` : ''}`, () => {
  let fixture: SshAgentFixture;
  let developer: string[];
  beforeEach(async () => {
    fixture = await SshAgentFixture.start();
    cli.services.hostKeys.set(RUNNING_ATTEMPT.uuid, fixture.hostKey.publicLine);
    cli.services.change(1, { attempts: [{ ...RUNNING_ATTEMPT, address: `127.0.0.1:${fixture.server.port}` }] });
    const identity = await fixture.keyFile('developer', fixture.developerKey);
    developer = ['-i', identity, '--user', 'builder'];
  });
  afterEach(() => fixture.close());

  it('runs a command in the container, and ends with its exit code', async () => {
    const { out, err, exitCode } = await cli.run('ssh', '1', ...developer, '--', 'echo out; echo err >&2; exit 7');
    expect([out, err, exitCode]).toEqual(['out\n', 'err\n', 7]);
  });

  it('ends ssh when it is ended itself, with the code of the signal', async () => {
    const running = cli.run('ssh', '1', ...developer, '--', 'echo begun; sleep 600');
    await eventually('the command', () => cli.out.text.includes('begun'));
    cli.termination.abort('SIGTERM');
    expect((await running).exitCode).toBe(143);
  });

  it('refuses a host that is not the agent of the container', async () => {
    cli.services.hostKeys.set(RUNNING_ATTEMPT.uuid, createSshKeyPair().publicLine);
    const { out, err, exitCode } = await cli.run('ssh', '1', ...developer, '--', 'echo out');
    expect([out, exitCode]).toEqual(['', 69]);
    expect(err).toContain('Host key verification failed.');
  });

  it('says what a key needs that the container does not accept', async () => {
    const identity = await fixture.keyFile('stranger', createSshKeyPair());
    const { err, exitCode } = await cli.run('ssh', '1', '-i', identity, '--user', 'builder', '--', 'true');
    expect(exitCode).toBe(69);
    expect(err).toMatch(/Permission denied.*\nwipctl: .+DEVELOPER_SSH_KEY.+\[SSH_REFUSED\]\n$/s);
  });

  it('prints a command that a shell can run', async () => {
    const { out } = await cli.run('ssh', '1', ...developer, '--print', '--', "echo 'a  b'");
    const environment = { env: { PATH: process.env['PATH'] } };
    expect((await promisify(execFile)('/bin/sh', ['-c', out], environment)).stdout).toBe('a  b\n');
    const { command } = JSON.parse((await cli.run('ssh', '1', ...developer, '--json')).out) as { command: string[] };
    expect(command.slice(0, 2)).toEqual(['ssh', '-T']);
  });

  it('opens a shell on a terminal of its own, as wide as the one that it is called from', async () => {
    const main = join(CHECKOUT, 'controlplane', 'main.ts');
    const call = [process.execPath, '--disable-warning=ExperimentalWarning', main, 'ssh', '1', ...developer];
    const inTerminal = `stty cols 99 rows 33; exec ${call.map(shellQuote).join(' ')}`;
    const child = spawn('script', ['-q', '-e', '-c', inTerminal, '/dev/null'], {
      env: { ...cli.environment, ...COMPILE_CACHE, TERM: 'xterm' },
    });
    let seen = '';
    child.stdout.on('data', (data: Buffer) => (seen += data.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    // The answers differ from what the terminal echoes of the commands.
    child.stdin.write('echo size $(stty size) of $(tty | cut -c1-8)\n');
    await eventually('the answer of the shell', () => seen.includes('size 33 99 of /dev/pts'));
    child.stdin.write('exit 5\n');
    expect(await ended).toBe(5);
  });
});

describe('wipctl ssh without a container', () => {
  it('says that there is none yet', async () => {
    expect(await cli.run('ssh', '1')).toMatchObject({
      exitCode: 4,
      err: expect.stringMatching(
        /^wipctl: Task 1 has no container yet: .+\. Try again when it runs\. \[TASK_NOT_FINISHED\]\n$/,
      ) as string,
    });
    cli.services.change(1, { attempts: [RUNNING_ATTEMPT] });
    expect((await cli.run('ssh', '1')).err).toContain('The container of task 1 has no address yet');
  });

  it('says that there is none any more', async () => {
    cli.services.change(1, {
      status: 'COMPLETE',
      attempts: [{ ...RUNNING_ATTEMPT, endedAt: RUNNING_ATTEMPT.createdAt }],
    });
    expect(await cli.run('ssh', '1')).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('has ended') as string,
    });
  });
});
