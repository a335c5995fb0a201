import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, type ClientChannel } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childrenOf } from '../../../controlplane/localecs/process/process-tree.ts';
import { connectAgent, type AgentClient } from '../../../controlplane/ssh/agent-client.ts';
import { createSshKeyPair, type SshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { AgentProcess } from '../../kit/agent/agent-process.ts';
import { skipped } from '../../kit/agent/agent-suite.ts';
import { eventually } from '../../kit/eventually.ts';

const NEEDED = {
  embedded: ['/usr/bin/ssh', '/usr/bin/sftp'],
  openssh: ['/usr/bin/ssh', '/usr/bin/sftp', '/usr/sbin/sshd'],
};
const isRequired = (process.env['WIP_REQUIRE'] ?? '').split(',').includes('openssh');
const missing = (server: keyof typeof NEEDED): string | undefined => {
  const path = NEEDED[server].find((program) => !existsSync(program));
  if (path !== undefined && isRequired) throw new Error(`${path} is required here and is missing`);
  return path && `needs ${path}, install it with apt-get install openssh-client openssh-server`;
};

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let agent: AgentProcess;
let place: string;
let port: string;
let hostKey: string;

async function startAgent(server: keyof typeof NEEDED): Promise<void> {
  place = mkdtempSync(path.join(tmpdir(), 'wip-both-'));
  agent = await AgentProcess.start({ config: `[ssh]\nserver = ${server}\n` });
  const { ports } = await agent.ready();
  port = String(ports?.['22']);
  hostKey = agent.controlPlane.enrolments[0]?.hostKey ?? '';
  writeFileSync(path.join(place, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
}

function run(program: string, argv: readonly string[], stdin = ''): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(program, argv, { timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
    // The server refuses the client and closes the connection before the client's input is read, so a write error is
    // normal.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
  });
}

function flags(key: SshKeyPair = agent.controlPlane.clientKeys): string[] {
  const identity = path.join(place, 'identity');
  writeFileSync(identity, key.privateKey, { mode: 0o600 });
  const settings = [
    `IdentityFile=${identity}`,
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'BatchMode=yes',
    `UserKnownHostsFile=${place}/known_hosts`,
    'StrictHostKeyChecking=yes',
  ];
  return ['-F', '/dev/null', ...settings.flatMap((setting) => ['-o', setting])];
}

const ssh = (
  argv: readonly string[],
  more: { user?: string; key?: SshKeyPair; stdin?: string } = {},
): Promise<Outcome> =>
  run('/usr/bin/ssh', [...flags(more.key), '-p', port, `${more.user ?? 'root'}@127.0.0.1`, ...argv], more.stdin);

const connect = (): Promise<AgentClient> =>
  connectAgent({
    host: '127.0.0.1',
    port: Number(port),
    user: 'root',
    privateKey: agent.controlPlane.clientKeys.privateKey,
    hostKeyLine: hostKey,
    timeoutMs: 60_000, // thirty sessions of OpenSSH are ninety processes
    keepaliveMs: 5_000,
  });

afterEach(async () => {
  await agent.close();
  rmSync(place, { recursive: true });
});

describe.each(['embedded', 'openssh'] as const)('[ssh] server = %s', (server) => {
  const lacking = missing(server);
  describe.skipIf(lacking)(`with stock clients${skipped(lacking)}`, () => {
    beforeEach(() => startAgent(server));

    it('is there when the ready signal is, with the host key of the enrolment', async () => {
      const client = await connect();
      expect((await client.exec('echo here')).stdout.toString()).toBe('here\n');
      await client.close();
    });

    it('runs a command with stdin, and gives stdout, stderr and the exit code apart', async () => {
      const stdin = 'x'.repeat(500_000);
      const outcome = await ssh(['sha256sum; echo err >&2; exit 7'], { stdin });
      expect(outcome.code).toBe(7);
      expect(outcome.stdout.split(' ')[0]).toBe(createHash('sha256').update(stdin).digest('hex'));
      expect(outcome.stderr).toContain('err\n');
    });

    it('tells which signal ended a command', async () => {
      const client = await connect();
      expect(await client.exec('kill -TERM $$')).toMatchObject({
        exitCode: null,
        signal: expect.stringMatching(/TERM$/) as string,
      });
      await client.close();
    });

    // OpenSSH passes no signal on to a command of root, because it does not separate the sessions of root.
    if (server === 'embedded')
      it('passes a signal on to a command that runs', async () => {
        const client = new Client();
        client.connect({
          host: '127.0.0.1',
          port: Number(port),
          username: 'root',
          privateKey: agent.controlPlane.clientKeys.privateKey,
        });
        await once(client, 'ready');
        const command = 'trap "echo caught; exit 3" TERM; echo up; while :; do sleep 0.1; done';
        const channel = await new Promise<ClientChannel>((resolve, reject) =>
          client.exec(command, (error, opened) => (error ? reject(error) : resolve(opened))),
        );
        const over = Promise.all([once(channel, 'exit'), once(channel, 'close')]);
        channel.stderr.resume();
        const output: string[] = [];
        channel.on('data', (chunk: Buffer) => {
          output.push(String(chunk));
          if (output.join('') === 'up\n') channel.signal('TERM');
        });
        expect((await over)[0]).toEqual([3]);
        expect(output.join('')).toBe('up\ncaught\n');
        client.end();
      });

    it('passes variables, and none of the agent', async () => {
      const { stdout } = await ssh([
        '-o',
        'SetEnv=BUILD_NUMBER=42',
        'echo $BUILD_NUMBER; env | grep -c -e SIGNAL_URL -e WIP_ENROL',
      ]);
      expect(stdout).toBe('42\n0\n');
    });

    it('carries many sessions on one connection', async () => {
      const client = await connect();
      const numbers = Array.from({ length: 30 }, (_, index) => String(index));
      const outcomes = await Promise.all(numbers.map((number) => client.exec(`echo ${number}`)));
      expect(outcomes.map(({ stdout }) => stdout.toString().trim())).toEqual(numbers);
      await client.close();
    });

    it('carries files by sftp', async () => {
      writeFileSync(path.join(place, 'local'), Buffer.alloc(300_001, 'file'));
      const batch = path.join(place, 'batch');
      writeFileSync(batch, `put ${place}/local ${place}/there\nget ${place}/there ${place}/back\nls ${place}\n`);
      expect(await run('/usr/bin/sftp', [...flags(), '-P', port, '-b', batch, 'root@127.0.0.1'])).toMatchObject({
        code: 0,
      });
      expect(readFileSync(path.join(place, 'back')).equals(readFileSync(path.join(place, 'local')))).toBe(true);
    });

    it('knows no other key, no other user, and no password', async () => {
      expect((await ssh(['true'], { key: createSshKeyPair() })).stderr).toContain('Permission denied (publickey)');
      expect((await ssh(['true'], { user: 'nobody' })).stderr).toContain('Permission denied (publickey)');
      expect((await ssh(['-o', 'PubkeyAuthentication=no', 'true'])).stderr).toContain('Permission denied (publickey)');
    });

    it('forwards no ports, and gives no terminal', async () => {
      expect((await ssh(['-W', '127.0.0.1:22'])).stderr).toContain('prohibited');
      expect((await ssh(['-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:22', 'true'])).code).toBe(255);
      expect((await ssh(['-tt', 'echo', 'hi'])).stderr).toContain('PTY allocation request failed');
    });

    it('speaks nothing old', async () => {
      expect((await ssh(['-o', 'Ciphers=aes128-ctr', 'true'])).stderr).toContain('no matching cipher');
      expect((await ssh(['-o', 'KexAlgorithms=ecdh-sha2-nistp256', 'true'])).stderr).toContain(
        'no matching key exchange',
      );
    });

    it('ends with the container, together with what its commands left behind', async () => {
      const { stdout } = await ssh(['setsid sleep 300 >/dev/null 2>&1 & echo $!']);
      const daemon = Number(stdout);
      expect(existsSync(`/proc/${daemon}`)).toBe(true);
      writeFileSync(agent.shutdownFile, '');
      expect(await agent.ended).toBe(0);
      await eventually('the end of the daemon', () => !existsSync(`/proc/${daemon}`));
      expect((await ssh(['true'])).code).toBe(255);
    });
  });
});

const lacking = missing('openssh');
describe.skipIf(lacking)(`sshd below the agent${skipped(lacking)}`, () => {
  beforeEach(() => startAgent('openssh'));

  it('is started again when it ends', async () => {
    const [sshd = 0] = childrenOf(agent.pid).filter((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sshd'),
    );
    process.kill(sshd, 'SIGKILL');
    await eventually('another sshd', async () => (await ssh(['echo', 'again'])).stdout === 'again\n');
    expect(agent.log).toContain('sshd ended, starting it again');
  });

  it('leads nobody to the agent API', async () => {
    const { socket = '' } = await agent.ready();
    const local = path.join(place, 'local.sock');
    const command = `curl -s -m 5 --unix-socket ${local} http://agent/v1/health || echo refused`;
    expect((await ssh(['-L', `${local}:${socket}`, command])).stdout).toBe('refused\n');
  });
});
