import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SshAgentFixture } from '../../kit/ssh-agent-fixture.ts';

const SFTP = '/usr/bin/sftp';
const OPENSSH_SERVER = '/usr/lib/openssh/sftp-server';
const program = path.join(import.meta.dirname, '../../kit/sftp-program.ts');
const isThere = existsSync(SFTP);
if (!isThere && (process.env['WIP_REQUIRE'] ?? '').split(',').includes('openssh')) {
  throw new Error(`${SFTP} is required here and is missing`);
}

// The same sentences hold for our server and for the one of OpenSSH, where that is installed.
const SERVERS = [
  { name: 'ours', command: `'${process.execPath}' '${program}'` },
  ...(existsSync(OPENSSH_SERVER) ? [{ name: "OpenSSH's", command: OPENSSH_SERVER }] : []),
];

describe.skipIf(!isThere).each(SERVERS)('the stock sftp client with $name server (needs sftp)', ({ command }) => {
  let fixture: SshAgentFixture;
  let remote: string;

  beforeEach(async () => {
    fixture = await SshAgentFixture.start({ sftpCommand: command });
    remote = path.join(fixture.directory, 'remote');
    await mkdir(remote);
  });
  afterEach(async () => {
    await fixture.close();
  });

  /** Runs the lines as a batch; the directory on the other side is `remote`, the one on this side the fixture's. */
  async function sftp(...lines: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const identity = await fixture.keyFile('client', fixture.clientKey);
    const knownHosts = path.join(fixture.directory, 'known_hosts');
    await writeFile(knownHosts, `[127.0.0.1]:${fixture.server.port} ${fixture.hostKey.publicLine}\n`);
    const batch = path.join(fixture.directory, 'batch');
    await writeFile(batch, [`cd ${remote}`, `lcd ${fixture.directory}`, ...lines, ''].join('\n'));
    const options = [
      `IdentityFile=${identity}`,
      'IdentityAgent=none',
      `UserKnownHostsFile=${knownHosts}`,
      'BatchMode=yes',
    ];
    const flags = [
      '-F',
      '/dev/null',
      ...options.flatMap((option) => ['-o', option]),
      '-P',
      String(fixture.server.port),
    ];
    return new Promise((resolve) => {
      execFile(SFTP, [...flags, '-b', batch, 'root@127.0.0.1'], { timeout: 20_000 }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
      });
    });
  }

  it('puts and gets files of any size byte for byte', async () => {
    const content = Buffer.from(Array.from({ length: 700_001 }, (_, index) => (index * 31) % 256));
    await writeFile(path.join(fixture.directory, 'local'), content);
    await writeFile(path.join(fixture.directory, 'empty'), '');
    expect(await sftp('put local', 'get local back', 'put empty', 'get empty empty-back')).toMatchObject({ code: 0 });
    expect((await readFile(path.join(remote, 'local'))).equals(content)).toBe(true);
    expect((await readFile(path.join(fixture.directory, 'back'))).equals(content)).toBe(true);
    expect((await stat(path.join(fixture.directory, 'empty-back'))).size).toBe(0);
  });

  it('lists, with names that are hard to write', async () => {
    for (const name of ['a b', 'ü', "quote'"]) await writeFile(path.join(remote, name), '');
    const { stdout, code } = await sftp('ls -1', 'ls -l');
    expect(code).toBe(0);
    for (const name of ['a b', "quote'"]) expect(stdout).toContain(name);
    expect(stdout).toMatch(/^-rw-.* a b$/m);
  });

  it('lists directories of many files', async () => {
    for (let index = 0; index < 250; index += 1) await writeFile(path.join(remote, `file-${index}`), '');
    const { stdout } = await sftp('ls -1');
    expect(stdout.split('\n').filter((line) => line.startsWith('file-')).length).toBe(250);
  });

  it('makes, renames, removes and links', async () => {
    await writeFile(path.join(fixture.directory, 'local'), 'x');
    const { code, stderr } = await sftp(
      'mkdir d',
      'put local d/one',
      'rename d/one d/two',
      'ln -s two d/link',
      'rm d/two',
      'mkdir e',
      'rmdir e',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await readlink(path.join(remote, 'd/link'))).toBe('two');
    await expect(lstat(path.join(remote, 'd/two'))).rejects.toThrow('ENOENT');
    await expect(lstat(path.join(remote, 'e'))).rejects.toThrow('ENOENT');
  });

  it('keeps modes and times when asked to', async () => {
    const local = path.join(fixture.directory, 'local');
    await writeFile(local, 'x');
    await chmod(local, 0o640);
    expect((await sftp('put -p local', 'chmod 700 local')).code).toBe(0);
    const [here, there] = [await stat(local), await stat(path.join(remote, 'local'))];
    expect(there.mode & 0o777).toBe(0o700);
    expect(Math.floor(there.mtimeMs / 1_000)).toBe(Math.floor(here.mtimeMs / 1_000));
  });

  it('says what is not there', async () => {
    const { code, stderr } = await sftp('get nothing');
    expect(code).toBe(1);
    expect(stderr).toContain('not found');
  });
});
