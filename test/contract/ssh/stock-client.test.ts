import { execFile, spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { SshAgentFixture } from '../../kit/agent/ssh-agent-fixture.ts';

const SSH = '/usr/bin/ssh';
const isThere = existsSync(SSH);
if (!isThere && (process.env['WIP_REQUIRE'] ?? '').split(',').includes('openssh')) {
  throw new Error(`${SSH} is required here and is missing`);
}

let fixture: SshAgentFixture;
let knownHosts: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  fixture = await SshAgentFixture.start();
  knownHosts = path.join(fixture.directory, 'known_hosts');
  await writeFile(knownHosts, `[127.0.0.1]:${fixture.server.port} ${fixture.hostKey.publicLine}\n`);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await fixture.close();
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Key = 'client' | 'developer' | 'stranger';

/** Returns options of a client that reads no configuration file and knows one key and one host. */
async function flagsFor(key: Key): Promise<string[]> {
  const pair = { client: fixture.clientKey, developer: fixture.developerKey, stranger: createSshKeyPair() }[key];
  const settings = {
    IdentityFile: await fixture.keyFile(key, pair),
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    BatchMode: 'yes',
    UserKnownHostsFile: knownHosts,
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
    ConnectTimeout: '10',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return ['-F', '/dev/null', ...flags, '-p', String(fixture.server.port)];
}

async function ssh(args: readonly string[], options: { user?: string; key?: Key } = {}): Promise<Outcome> {
  const argv = [...(await flagsFor(options.key ?? 'client')), `${options.user ?? 'root'}@127.0.0.1`, ...args];
  return new Promise((resolve) => {
    execFile(SSH, argv, { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });
}

async function startSsh(command: string): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(SSH, [...(await flagsFor('client')), 'root@127.0.0.1', command]);
  children.push(child);
  return child;
}

/** Reads one piece at a time and lets other work run in between. */
async function readSlowly(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) {
    pieces.push(piece as Buffer);
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
  }
  return Buffer.concat(pieces);
}

describe.skipIf(!isThere)(
  'the stock ssh client (skipped: needs ssh, install with apt-get install openssh-client)',
  () => {
    it('runs a command and gets stdout, stderr and the exit code apart', async () => {
      const outcome = await ssh(['echo out; echo err >&2; exit 7']);
      expect(outcome).toMatchObject({ code: 7, stdout: 'out\n' });
      expect(outcome.stderr).toContain('err\n');
    });

    it('sends stdin to the end', async () => {
      const child = await startSsh('sha256sum');
      const content = Buffer.alloc(5 * 1024 * 1024, 'stdin');
      child.stdin.end(content);
      let out = '';
      child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
      await new Promise((resolve) => child.once('close', resolve));
      expect(out.split(' ')[0]).toBe(createHash('sha256').update(content).digest('hex'));
    });

    it('gets every byte of a long output', async () => {
      const outcome = await ssh(['head -c 20000000 /dev/zero | tr "\\0" x']);
      expect(outcome.stdout.length).toBe(20_000_000);
    });

    it('gets both streams whole when it reads them slowly, so that both have to wait for its window', async () => {
      const command = 'head -c 8000000 /dev/zero | tr "\\0" o & head -c 8000000 /dev/zero | tr "\\0" e >&2 & wait';
      const child = await startSsh(command);
      const [stdout, stderr] = await Promise.all([readSlowly(child.stdout), readSlowly(child.stderr)]);
      expect(stdout.equals(Buffer.alloc(8_000_000, 'o'))).toBe(true);
      expect(stderr.equals(Buffer.alloc(8_000_000, 'e'))).toBe(true);
    });

    it('waits no longer for a command whose child keeps the output open', async () => {
      expect((await ssh(['sleep 60 & echo done'])).stdout).toBe('done\n');
    });

    it('refuses another host key', async () => {
      await writeFile(knownHosts, `[127.0.0.1]:${fixture.server.port} ${createSshKeyPair().publicLine}\n`);
      const outcome = await ssh(['true']);
      expect(outcome.code).toBe(255);
      expect(outcome.stderr).toContain('HOST IDENTIFICATION HAS CHANGED');
      expect(fixture.runner.requests).toEqual([]);
    });

    it('is refused with a key that nobody knows, and without one', async () => {
      expect((await ssh(['true'], { key: 'stranger' })).stderr).toContain('Permission denied (publickey)');
      expect((await ssh(['-o', 'PubkeyAuthentication=no', 'true'])).stderr).toContain('Permission denied (publickey)');
      expect(fixture.runner.requests).toEqual([]);
    });

    it('is refused old algorithms', async () => {
      expect((await ssh(['-o', 'Ciphers=aes128-ctr', 'true'])).stderr).toContain('no matching cipher');
      expect((await ssh(['-o', 'KexAlgorithms=diffie-hellman-group14-sha256', 'true'])).stderr).toContain(
        'no matching key exchange',
      );
    });

    it('cannot forward ports, in either direction', async () => {
      const local = await ssh(['-W', '127.0.0.1:22']);
      expect(local.stderr).toContain('prohibited');
      const remote = await ssh(['-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:22', 'true']);
      expect(remote.stderr).toContain('forwarding');
      expect(remote.code).toBe(255);
    });

    it('logs in as the workload user with the developer key, and as nobody else', async () => {
      expect(await ssh(['echo hello'], { user: 'builder', key: 'developer' })).toMatchObject({
        code: 0,
        stdout: 'hello\n',
      });
      expect(fixture.runner.requests).toMatchObject([{ user: 'builder' }]);
      expect((await ssh(['true'], { user: 'root', key: 'developer' })).code).toBe(255);
    });

    it('gets no terminal and no shell', async () => {
      expect((await ssh(['-tt', 'echo', 'hi'])).stderr).toContain('PTY allocation request failed');
      expect((await ssh([])).stderr).toContain('shell request failed');
    });

    it('reaches the agent API with the client key and never with the developer key', async () => {
      fixture.answer = (_request, response) => void response.end('hello from the socket');
      const local = path.join(fixture.directory, 'local.sock');
      const through = async (user: string, key: 'client' | 'developer', target: string): Promise<string> => {
        const forward = ['-o', 'StreamLocalBindUnlink=yes', '-L', `${local}:${target}`];
        // The agent runs the command on this machine, so the command sees the near end of the forwarded socket.
        const command = `curl -s -m 5 --unix-socket ${local} http://agent/ || echo refused`;
        return (await ssh([...forward, command], { user, key })).stdout.trim();
      };
      expect(await through('root', 'client', '/run/wip-agent/agent.sock')).toBe('hello from the socket');
      expect(await through('root', 'client', fixture.socketPath)).toBe('hello from the socket');
      expect(await through('root', 'client', '/var/run/docker.sock')).toBe('refused');
      expect(await through('builder', 'developer', '/run/wip-agent/agent.sock')).toBe('refused');
    });

    it('passes environment variables with the client key', async () => {
      const env = ['-o', 'SetEnv=BUILD_NUMBER=42'];
      expect((await ssh([...env, 'echo $BUILD_NUMBER'])).stdout).toBe('42\n');
      expect((await ssh([...env, 'echo $BUILD_NUMBER'], { user: 'builder', key: 'developer' })).stdout).toBe('\n');
    });

    it('finds its key pairs well-formed', async () => {
      const file = await fixture.keyFile('pair', fixture.clientKey);
      const printed = await new Promise<string>((resolve, reject) => {
        execFile('/usr/bin/ssh-keygen', ['-y', '-f', file], (error, stdout) =>
          error ? reject(error) : resolve(stdout),
        );
      });
      expect(printed.trim()).toBe(fixture.clientKey.publicLine);
      expect(await readFile(file, 'utf8')).toContain('OPENSSH PRIVATE KEY');
    });
  },
);
