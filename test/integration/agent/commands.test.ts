import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { withInitialSize } from '../../../agent/commands/measure-baseline.ts';
import { runLocalCommand } from '../../../agent/commands/run-local-command.ts';
import { readArguments } from '../../../agent/commands/arguments.ts';
import { agentCommand } from '../../kit/agent/agent-process.ts';
import { createAgentSuite } from '../../kit/agent/agent-suite.ts';

const { start } = createAgentSuite();

interface Said {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'wip-command-'));
});
afterEach(() => {
  rmSync(place, { recursive: true });
});

/** Runs the program as a person types it. */
function wipAgent(line: string, path = '/usr/bin:/bin'): Promise<Said> {
  const [program = '', ...argv] = [...agentCommand(), ...line.split(' ')];
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: path } });
  const said = { out: '', err: '' };
  child.stdout.on('data', (data: Buffer) => (said.out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said.err += data.toString()));
  return new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, ...said })));
}

/** Runs a command that ends at once inside this process, without starting the program. */
async function local(line: string, environment: Readonly<Record<string, string>> = {}): Promise<Said> {
  const command = readArguments(line.split(' '));
  const isOther = command.kind === 'run' || command.kind === 'build' || command.kind === 'version';
  if (isOther || command.kind === 'sftp-server' || command.kind === 'build-standby') throw new Error(command.kind);
  const said = { out: '', err: '' };
  const exitCode = await runLocalCommand(command, {
    environment,
    imageRoot: place,
    monotonicMs: () => performance.now(),
    write: (text) => void (said.out += text),
    writeError: (text) => void (said.err += text),
  });
  return { exitCode, ...said };
}

function configFile(text: string): string {
  const file = join(place, 'config.ini');
  writeFileSync(file, text);
  return file;
}

describe('wip-agent', () => {
  it.each([
    ['--help', 'wip-agent [run] [--config FILE] '],
    ['run --help', 'wip-agent [run] [--config FILE]\n'],
    ['check-config --help', 'wip-agent check-config [--config FILE]\n'],
    ['baseline --help', 'wip-agent baseline [--write FILE]\n'],
    ['health --help', 'wip-agent health [--config FILE]\n'],
    ['status --help', 'wip-agent status [--config FILE]\n'],
  ])('%s tells how it is used, with exit code 0', async (line, beginning) => {
    const { exitCode, out, err } = await local(line);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out.slice(0, beginning.length)).toBe(beginning);
  });

  it.each([
    ['health --help', 'wip-agent health [--config FILE]\n'],
    ['build --help', 'wip-agent build export --source-uri URI'],
    ['build run -h', 'wip-agent build export --source-uri URI'],
  ])('%s, typed, tells it on stdout', async (line, beginning) => {
    const { exitCode, out, err } = await wipAgent(line);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out.slice(0, beginning.length)).toBe(beginning);
  });

  it.each([
    ['status --verbose', 'USAGE: "--verbose" is not an option of wip-agent status. See "wip-agent status --help".\n'],
    ['build frobnicate', 'USAGE: build has no command "frobnicate". Add --help to see how the command is written.\n'],
  ])('%s, typed, is refused on stderr, with exit code 64', async (line, sentences) => {
    expect(await wipAgent(line)).toEqual({ exitCode: 64, out: '', err: sentences });
  });
});

/**
 * A user that is accepted everywhere: root exists in each image, and an agent that is not root runs builds as itself.
 */
const ANYBODY = '[workload]\nuser = root\n';

describe('check-config', () => {
  it('runs no df that somebody has put into PATH', async () => {
    const file = configFile(`[workload]\nuser = ${userInfo().username}\n`);
    writeFileSync(join(place, 'df'), `#!/bin/sh\ntouch ${place}/ran\n`, { mode: 0o755 });
    const { exitCode, out } = await wipAgent(`check-config --config ${file}`, `${place}:/usr/bin:/bin`);
    expect(out).toMatch(/disk: \/ has [\d.]+ GB free of [\d.]+ GB/);
    expect(exitCode).toBe(0);
    expect(existsSync(join(place, 'ran'))).toBe(false);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'does not call a file correct with which the agent would not start: a user that the image does not have (needs root)',
    async () => {
      const file = configFile('[workload]\nuser = nobody-of-this-name\n');
      const { exitCode, out, err } = await local(`check-config --config ${file}`);
      expect([exitCode, out]).toEqual([78, '']);
      expect(err).toContain(`${file}: [workload] user = nobody-of-this-name is not a user of this image`);
    },
  );

  it('shows what follows from the file, and warns when the disk has no room for the limit', async () => {
    const file = configFile(`[disk]\ninitial_size = 1.7\nmax_workload = 900000\n[time]\nno_progress = 0\n${ANYBODY}`);
    const { exitCode, out } = await local(`check-config --config ${file}`);
    expect(exitCode).toBe(0);
    expect(out).toContain(`${file} is correct.\ndisk: the build may add 900000.0 GB to the 1.7 GB of the image\n`);
    expect(out).toContain('warning: / is full before the limit is reached\n');
    expect(out).toContain('time: 1 h 0 min; without progress: no limit\n');
  });

  it('warns of a reserve with which the container would end at once', async () => {
    const { exitCode, out } = await local(
      `check-config --config ${configFile(`[disk]\nreserve = 900000\n${ANYBODY}`)}`,
    );
    expect(exitCode).toBe(0);
    expect(out).toContain('warning: / has less free than [disk] reserve, 900000.0 GB: the container ends at once\n');
  });

  it('names file, section, key and value of what is wrong, with exit code 78', async () => {
    const file = configFile('[disk]\nmax_workload = lots\n');
    const { exitCode, err } = await local(`check-config --config ${file}`);
    expect(exitCode).toBe(78);
    expect(err).toContain(
      `CONFIG_INVALID: ${file}: [disk] max_workload = "lots": must be a number such as 10 or 1.73.`,
    );
  });

  it('says with exit code 1 which path of the file is not there', async () => {
    const file = configFile(`[disk]\npaths = /no/such/place\n${ANYBODY}`);
    const { exitCode, err } = await local(`check-config --config ${file}`);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^DISK_UNREADABLE: The disk below \/no\/such\/place cannot be measured/);
  });
});

describe('baseline', () => {
  it('of a file that is not there says so in two sentences, with exit code 1', async () => {
    const { exitCode, err } = await local(`baseline --write ${join(place, 'none', 'config.ini')}`);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^FILE_REFUSED: The figure could not be written into .*ENOENT.*\. Name a config\.ini /);
  });

  it('puts the figure into a file without a [disk] section, and leaves the rest as it is', () => {
    expect(withInitialSize('[time]\nlast_words = 5\n', '1.730')).toBe(
      '[time]\nlast_words = 5\n\n[disk]\ninitial_size = 1.730\n',
    );
  });
});

describe('health and status', () => {
  it('tell of a ready agent and its processes, with exit code 0', async () => {
    const agent = await start();
    await agent.startProcess('greets', { command: { shell: 'echo hello; exit 3' } });
    await agent.exited('greets');
    const environment = { WIP_AGENT_ROOT: agent.root };
    expect(await local('health', environment)).toEqual({ exitCode: 0, out: 'ready\n', err: '' });
    const { exitCode, out } = await local('status', environment);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^wip-agent \d+\.\d+\.\d+: ready for /);
    expect(out).toContain('greets: exited 3; 6 + 0 bytes of output\n');
  });

  it('say that no agent answers, and where they asked, with exit code 1', async () => {
    const socket = join(place, 'agent.sock');
    const file = configFile(`[api]\nsocket = ${socket}\n`);
    for (const command of ['health', 'status']) {
      const { exitCode, out, err } = await local(`${command} --config ${file}`);
      expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
      expect(err).toMatch(
        /^AGENT_API_FAILED: The agent does not answer at .*agent\.sock: .*ENOENT.*\. Check that it runs/,
      );
    }
  });

  it('say so when something else than an agent answers', async () => {
    const socket = join(place, 'agent.sock');
    const file = configFile(`[api]\nsocket = ${socket}\n`);
    const other = createServer((_request, response) => void response.end('<html>'));
    await new Promise<void>((resolve) => other.listen(socket, resolve));
    onTestFinished(() => void other.close());
    const { exitCode, err } = await local(`health --config ${file}`);
    expect(exitCode).toBe(1);
    expect(err).toContain('its answer is not that of an agent');
  });

  it('end with 78 when there is no configuration to say where the agent is', async () => {
    const { exitCode, err } = await local(`health --config ${join(place, 'none.ini')}`);
    expect(exitCode).toBe(78);
    expect(err).toMatch(/^CONFIG_INVALID: The configuration file .*none\.ini cannot be read/);
  });

  it.each([
    ['a named pipe', 'health'],
    ['a named pipe', 'check-config'],
    ['a device', 'check-config'],
  ])('end with 78 when the configuration is %s, and do not wait for it (%s)', async (kind, command) => {
    const pipe = join(place, 'config.fifo');
    if (kind === 'a named pipe') execFileSync('mkfifo', [pipe]);
    const { exitCode, err } = await local(`${command} --config ${kind === 'a device' ? '/dev/zero' : pipe}`);
    expect([exitCode, err]).toEqual([78, expect.stringContaining(`it is ${kind}, and not a regular file`)]);
  });
});
