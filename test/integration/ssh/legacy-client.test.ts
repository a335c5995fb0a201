import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { AgentClient } from '../../../controlplane/ssh/agent-client.ts';
import { connectLegacy } from '../../../controlplane/ssh/legacy/legacy-client.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import type { ProcessStatus, StartProcess } from '../../../shared/protocol/agent-api.ts';
import { createSshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { eventually } from '../../kit/eventually.ts';
import { lacking } from '../../kit/lacking.ts';
import { canRunLegacy } from '../../kit/agent/legacy-container.ts';
import { LegacyFixture } from '../../kit/agent/legacy-fixture.ts';

const isLacking = lacking('openssh', canRunLegacy(), 'openssh-server openssh-client curl (and run as root)');

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof OperationalError ? error.code : `not an OperationalError: ${String(error)}`;
}

describe.skipIf(isLacking)(`commands in a container without an agent ${isLacking ?? ''}`, () => {
  let container: LegacyFixture;
  let client: AgentClient;
  let keys = 0;
  beforeAll(async () => {
    container = await LegacyFixture.start({ environment: { OF_THE_IMAGE: `it's "here"\n$HOME` } });
    client = await container.connect();
  });
  afterAll(() => container.close());

  const newKey = (): string => `key-${(keys += 1)}`;

  async function ended(key: string): Promise<ProcessStatus> {
    return eventually(`the end of ${key}`, async () => {
      const status = await client.processStatus(key);
      return status.state === 'exited' ? status : undefined;
    });
  }

  async function run(body: StartProcess): Promise<{ exitCode: number | null | undefined; out: string; err: string }> {
    const key = newKey();
    await client.startProcess(key, body);
    const { result, streams } = await ended(key);
    const text = async (stream: 'stdout' | 'stderr') =>
      (await client.processOutput(key, stream, 0, streams[stream].bytes + 1)).bytes.toString();
    return { exitCode: result?.exitCode, out: await text('stdout'), err: await text('stderr') };
  }

  it('proves by its answer that it belongs to the question, and tells of the disk', async () => {
    const health = await client.health('nonce-1');
    expect(health).toMatchObject({ nonce: 'nonce-1', phase: 'ready', environmentSet: false });
    expect(health.disk?.totalBytes).toBeGreaterThan(0);
    expect(health.disk?.usedPercent).toBeLessThanOrEqual(100);
  });

  it('run with their arguments as they are, and tell exit code and both streams', async () => {
    const words = ["it's", '$HOME', 'a  b', '*', ''];
    const script = 'printf "<%s>" "$@"; echo wrong >&2; exit 7';
    expect(await run({ command: ['sh', '-c', script, 'sh', ...words] })).toEqual({
      exitCode: 7,
      out: "<it's><$HOME><a  b><*><>",
      err: 'wrong\n',
    });
    expect(await run({ command: { shell: 'cat | tr a-z A-Z' }, stdin: 'from stdin' })).toMatchObject({
      out: 'FROM STDIN',
    });
    expect(await run({ command: ['pwd'], cwd: '/usr' })).toMatchObject({ exitCode: 0, out: '/usr\n' });
    expect(await run({ command: ['pwd'], cwd: '/nowhere' })).toMatchObject({ exitCode: 127 });
    expect(await run({ command: ['/no/such/program'] })).toMatchObject({ exitCode: 127 });
  });

  it('have the environment of the image, of the task and their own, and leave no secret on the disk', async () => {
    await client.putEnvironment({ secure: { OF_THE_TASK: "sealed '1'" } });
    expect(await client.health('n')).toMatchObject({ environmentSet: true });
    const shell = 'printf "%s|%s|%s|%s" "$OF_THE_IMAGE" "$OF_THE_TASK" "$PLAIN" "$HIDDEN"; ls "$0".* 2>/dev/null';
    const { out } = await run({
      command: { shell },
      environment: { PLAIN: 'plain\n2' },
      secureEnvironment: { HIDDEN: 'canary-of-the-process' },
    });
    expect(out).toBe(`it's "here"\n$HOME|sealed '1'|plain\n2|canary-of-the-process`);
    const found = await client.exec(`grep -rl canary-of-the-process '${container.wrapper}' --exclude=stdout`);
    expect(found.stdout.toString()).toBe('');
    const names = await run({ command: { shell: 'env | grep -c -E "^(SIGNAL_|CONTAINER_SSH_KEY)"' } });
    expect(names.out).toBe('0\n');
  });

  it('start once, whoever asks again, and another command under the same key is refused', async () => {
    const key = newKey();
    const file = join(container.directory, 'started');
    const body = { command: { shell: `echo once >>'${file}'; sleep 0.2` } };
    const others = await Promise.all([container.connect(), container.connect()]);
    await Promise.all([client, ...others].map((each) => each.startProcess(key, body)));
    await ended(key);
    expect(await client.startProcess(key, body)).toMatchObject({ state: 'exited', result: { exitCode: 0 } });
    expect(readFileSync(file, 'utf8')).toBe('once\n');
    expect(await codeOf(client.startProcess(key, { command: ['true'] }))).toBe('PROCESS_CONFLICT');
  });

  it('go on when the connection breaks, and their output is read from an offset', async () => {
    const key = newKey();
    const other = await container.connect();
    const gate = join(container.directory, 'gate');
    const shell = `printf 0123456789; until [ -e '${gate}' ]; do sleep 0.05; done; printf abc; exit 4`;
    expect(await other.startProcess(key, { command: { shell } })).toMatchObject({ state: 'running' });
    await other.close();
    await client.writeFile({ path: gate, content: '' });
    expect(await ended(key)).toMatchObject({ result: { exitCode: 4 }, streams: { stdout: { bytes: 13 } } });
    expect((await client.processOutput(key, 'stdout', 8, 4)).bytes.toString()).toBe('89ab');
    expect((await client.processOutput(key, 'stdout', 13, 4)).bytes.toString()).toBe('');
    expect((await client.unreportedOutput?.(key, 'stdout', 10, 9))?.bytes.toString()).toBe('abc');
  });

  it('keep to themselves output that is only there to be asked for', async () => {
    const key = newKey();
    await client.startProcess(key, { command: ['echo', 'kept'], output: 'keep' });
    await ended(key);
    expect((await client.unreportedOutput?.(key, 'stdout', 0, 9))?.bytes.length).toBe(0);
    expect((await client.processOutput(key, 'stdout', 0, 9)).bytes.toString()).toBe('kept\n');
  });

  it('end with their whole process group, by force after the grace', async () => {
    const key = newKey();
    const shell = `trap '' TERM; sleep 1000 & echo $! >'${container.directory}/child'; wait; while :; do sleep 1; done`;
    await client.startProcess(key, { command: { shell } });
    const file = join(container.directory, 'child');
    const child = await eventually('the child', () =>
      existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined,
    );
    await client.signalProcess(key, { signal: 'TERM', graceSeconds: 1 });
    expect(await ended(key)).toMatchObject({ result: { exitCode: null, signal: 'SIGKILL', reason: 'cancelled' } });
    await eventually('the end of the child', () => !existsSync(`/proc/${child}`));
  });

  it('that lost their supervisor are told as killed, with all that they had started', async () => {
    const key = newKey();
    await client.startProcess(key, { command: ['sleep', '1000'] });
    const [supervisor] = readFileSync(join(container.wrapper, `p-${key}`, 'pid'), 'utf8').split(' ');
    process.kill(Number(supervisor), 'SIGKILL');
    const { pid, result } = await ended(key);
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGKILL', reason: 'killed' });
    await eventually('the end of the command', () => !existsSync(`/proc/${String(pid)}/cmdline`) || isZombie(pid));
  });

  it('without progress for long enough say so, and work of the processor is progress', async () => {
    const [idle, busy] = [newKey(), newKey()];
    await client.startProcess(idle, { command: ['sleep', '1000'], noProgressAfter: 1 });
    await client.startProcess(busy, { command: { shell: 'while :; do :; done' }, noProgressAfter: 600 });
    await eventually('no progress', async () => (await client.processStatus(idle)).noProgress);
    const before = (await client.processStatus(busy)).progress;
    await eventually('progress', async () => (await client.processStatus(busy)).progress > before);
    for (const key of [idle, busy]) await client.signalProcess(key, { signal: 'KILL' });
    await ended(idle);
    await ended(busy);
  });

  it('write and read files as they are, with their mode, or not at all', async () => {
    const path = join(container.directory, "a 'file'");
    const content = Buffer.from([0, 255, 10, 13, 39, 0]);
    await client.writeFile({ path, content, mode: 0o600 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await client.readFile({ path })).toEqual(content);
    expect(await codeOf(client.readFile({ path: '/no/such/file' }))).toBe('FILE_REFUSED');
    expect(await codeOf(client.writeFile({ path: '/no/such/file', content: 'x' }))).toBe('FILE_REFUSED');
    expect(await codeOf(client.writeFile({ path: container.directory, content: 'x' }))).toBe('FILE_REFUSED');
  });

  it('are root, and nobody else', async () => {
    expect(await codeOf(client.startProcess(newKey(), { command: ['id'], user: 'nobody' }))).toBe('AGENT_NOT_ALLOWED');
    expect(await codeOf(client.usage())).toBe('AGENT_NOT_ALLOWED');
  });

  it('are not known when they were never started, or when a build removed the files', async () => {
    expect(await codeOf(client.processStatus('never'))).toBe('PROCESS_UNKNOWN');
    const directory = `${container.wrapper}-removed`;
    const other = await container.connect(directory);
    rmSync(directory, { recursive: true });
    expect(await codeOf(other.processStatus('never'))).toBe('AGENT_API_FAILED');
    await other.close();
    expect(await codeOf((await container.connect(directory)).processStatus('never'))).toBe('PROCESS_UNKNOWN');
  });

  it('go to no server with another host key than the pinned one', async () => {
    const stranger = createSshKeyPair().publicLine;
    expect(await codeOf(connectLegacy(container.endpoint(stranger), container.wrapper))).toBe('SSH_HOST_KEY');
    expect(await container.readHostKey()).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]+$/);
  });
});

function isZombie(pid: number | null): boolean {
  return /\) Z /.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'));
}

/** Starts a container for one test. */
async function startFor(...options: Parameters<typeof LegacyFixture.start>): Promise<LegacyFixture> {
  const container = await LegacyFixture.start(...options);
  onTestFinished(() => container.close());
  return container;
}

describe.skipIf(isLacking)(`the shell entrypoint that is shipped ${isLacking ?? ''}`, () => {
  it('says ready with its SIGNAL_BODY and its user, again until it is heard, and ends when it is released', async () => {
    const container = await startFor({ refusals: 2 });
    const [ready] = container.posts;
    const basic = `Basic ${Buffer.from('attempt:secret').toString('base64')}`;
    expect(ready).toEqual({
      authorization: basic,
      body: { classId: '$acquia.wip.signal.container.complete', type: 1 },
    });
    await (await container.connect()).shutdown();
    expect(await container.exitCode).toBe(0);
    const [, output, exit] = container.posts;
    expect(container.posts).toHaveLength(3);
    expect(output?.body).toMatchObject({
      classId: '$acquia.wip.signal.container.terminated',
      type: 3,
      exitLog: 'The container was released through its shutdown file.',
      log: expect.stringContaining('Server listening') as string,
    });
    expect(exit?.body).toMatchObject({
      classId: '$acquia.wip.signal.container.data',
      type: 2,
      time: expect.any(Number) as number,
      disk: expect.any(Number) as number,
      initial_disk: expect.any(Number) as number,
    });
  });

  it('does not hang because of what .bashrc waits for', async () => {
    const container = await startFor({ bashrc: 'echo "hello from .bashrc"; sleep 300\n' });
    const client = await container.connect();
    expect((await client.exec('echo of the command')).stdout.toString()).toBe('of the command\n');
  });

  it('serves where sshd is too old for SetEnv', async () => {
    const old = mkdtempSync(join(tmpdir(), 'wip-old-sshd-'));
    onTestFinished(() => rmSync(old, { recursive: true }));
    // Such an sshd refuses the whole file.
    const sshd = '#!/bin/sh\nfor file; do :; done\ngrep -q ^SetEnv "$file" && exit 255\nexec /usr/sbin/sshd "$@"\n';
    writeFileSync(join(old, 'sshd'), sshd, { mode: 0o755 });
    const container = await startFor({ environment: { PATH: `${old}:${process.env['PATH']}` } });
    const client = await container.connect();
    expect((await client.exec('echo served')).stdout.toString()).toBe('served\n');
  });

  it('says that it got a SIGTERM, and ends with 143', async () => {
    const container = await startFor();
    container.entrypoint.kill('SIGTERM');
    expect(await container.exitCode).toBe(143);
    expect(container.posts[1]?.body).toMatchObject({ exitLog: 'The container got a SIGTERM.' });
  });
});
