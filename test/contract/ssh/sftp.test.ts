import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { chmod, lstat, mkdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client, type SFTPWrapper } from 'ssh2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAccount } from '../../../agent/process/users.ts';
import { childrenOf } from '../../../controlplane/localecs/process/process-tree.ts';
import { AgentProcess } from '../../kit/agent/agent-process.ts';
import { skipped } from '../../kit/agent/agent-suite.ts';
import { SftpPlace } from '../../kit/agent/sftp-place.ts';

const isRequired = (process.env['WIP_REQUIRE'] ?? '').split(',').includes('openssh');

/**
 * Returns why these tests cannot run here. Our server needs no program: its own tests drive it with the client of ssh2.
 */
function lackingOf(...programs: string[]): string | undefined {
  const missing = programs.find((program) => !existsSync(program));
  if (missing !== undefined && isRequired) throw new Error(`${missing} is required here and is missing`);
  return missing && `needs ${missing}, install it with apt-get install openssh-client openssh-server`;
}

const STOCK_CLIENTS = ['/usr/bin/sftp', '/usr/bin/scp', '/usr/bin/ssh'] as const;
const SERVERS = [
  { name: 'our server', config: '[ssh]\nserver = embedded\n', lacking: undefined },
  { name: "OpenSSH's server", config: '[ssh]\nserver = openssh\n', lacking: lackingOf('/usr/sbin/sshd') },
];

describe.each(SERVERS)('sftp of $name', ({ config, lacking }) => {
  describe.skipIf(lacking)(`of a real agent${skipped(lacking)}`, () => {
    let agent: AgentProcess;
    let place: SftpPlace;
    /** `remote` is the directory on the server, `local` the one on the client. */
    let remote: string;
    let local: string;

    beforeAll(async () => {
      agent = await AgentProcess.start({ config });
      place = await SftpPlace.of(agent);
    });
    afterAll(async () => {
      place.remove();
      await agent.close();
    });
    beforeEach(async () => {
      local = mkdtempSync(path.join(place.directory, 'case-'));
      remote = path.join(local, 'remote');
      await mkdir(remote);
    });

    const lackingClient = lackingOf(...STOCK_CLIENTS);
    describe.skipIf(lackingClient)(`with the stock clients${skipped(lackingClient)}`, () => {
      const sftp = (...lines: string[]): ReturnType<SftpPlace['sftp']> =>
        place.sftp([`cd ${remote}`, `lcd ${local}`, ...lines]);

      it('puts and gets files of any size byte for byte', async () => {
        const content = Buffer.from(Array.from({ length: 700_001 }, (_, index) => (index * 31) % 256));
        await writeFile(path.join(local, 'local'), content);
        await writeFile(path.join(local, 'empty'), '');
        expect(await sftp('put local', 'get local back', 'put empty', 'get empty empty-back')).toMatchObject({
          code: 0,
        });
        expect((await readFile(path.join(remote, 'local'))).equals(content)).toBe(true);
        expect((await readFile(path.join(local, 'back'))).equals(content)).toBe(true);
        expect((await stat(path.join(local, 'empty-back'))).size).toBe(0);
      });

      it('goes on with what was half put and half got', async () => {
        const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251));
        await writeFile(path.join(local, 'file'), content);
        await writeFile(path.join(remote, 'file'), content.subarray(0, 123_456));
        expect(await sftp('reput file')).toMatchObject({ code: 0 });
        expect((await readFile(path.join(remote, 'file'))).equals(content)).toBe(true);
        await writeFile(path.join(local, 'file'), content.subarray(0, 65_537));
        expect(await sftp('reget file')).toMatchObject({ code: 0 });
        expect((await readFile(path.join(local, 'file'))).equals(content)).toBe(true);
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
        await writeFile(path.join(local, 'local'), 'x');
        const { code, stderr } = await sftp(
          'mkdir d',
          'put local d/one',
          'rename d/one d/two',
          'ln -s two d/link',
          'ln d/two d/hard',
          'rm d/two',
          'mkdir e',
          'rmdir e',
        );
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(await readlink(path.join(remote, 'd/link'))).toBe('two');
        expect(await readFile(path.join(remote, 'd/hard'), 'utf8')).toBe('x');
        await expect(lstat(path.join(remote, 'd/two'))).rejects.toThrow('ENOENT');
        await expect(lstat(path.join(remote, 'e'))).rejects.toThrow('ENOENT');
      });

      it('puts a file over another by renaming it', async () => {
        await writeFile(path.join(remote, 'old'), 'old');
        await writeFile(path.join(remote, 'new'), 'new');
        expect(await sftp('rename new old')).toMatchObject({ code: 0, stderr: '' });
        expect(await readFile(path.join(remote, 'old'), 'utf8')).toBe('new');
        expect(readdirSync(remote)).toEqual(['old']);
      });

      it('keeps modes and times when asked to', async () => {
        const file = path.join(local, 'local');
        await writeFile(file, 'x');
        await chmod(file, 0o640);
        expect((await sftp('put -p local', 'chmod 700 local')).code).toBe(0);
        const [here, there] = [await stat(file), await stat(path.join(remote, 'local'))];
        expect(there.mode & 0o777).toBe(0o700);
        expect(Math.floor(there.mtimeMs / 1_000)).toBe(Math.floor(here.mtimeMs / 1_000));
      });

      it('says what is not there', async () => {
        const { code, stderr } = await sftp('get nothing');
        expect(code).toBe(1);
        expect(stderr).toContain('not found');
      });

      it('carries a tree with scp, both ways', async () => {
        await mkdir(path.join(local, 'tree/below'), { recursive: true });
        await writeFile(path.join(local, 'tree/below/file'), 'x'.repeat(100_000));
        expect(await place.scp(['-r', path.join(local, 'tree')], remote)).toMatchObject({ code: 0 });
        expect((await readFile(path.join(remote, 'tree/below/file'))).length).toBe(100_000);
        expect(await place.scpBack(path.join(remote, 'tree/below/file'), path.join(local, 'back'))).toMatchObject({
          code: 0,
        });
        expect((await readFile(path.join(local, 'back'))).length).toBe(100_000);
      });
    });

    describe('with the client of ssh2', () => {
      let client: Client;
      let files: SFTPWrapper;
      beforeEach(async () => ({ client, files } = await connect(place, 'root')));
      afterEach(() => client.end());

      it('appends where the file ends, whatever the offset', async () => {
        const name = path.join(remote, 'log');
        await writeFile(name, 'one\n');
        const handle = await promisify(files.open.bind(files))(name, 'a');
        await promisify(files.write.bind(files))(handle, Buffer.from('two\n'), 0, 4, 0);
        await promisify(files.close.bind(files))(handle);
        expect(await readFile(name, 'utf8')).toBe('one\ntwo\n');
      });

      it('tells what a file is, and what a link is', async () => {
        await writeFile(path.join(remote, 'file'), 'four');
        await symlink('file', path.join(remote, 'link'));
        const [file, link] = [
          await promisify<string, { size: number; isFile(): boolean }>(files.stat.bind(files))(
            path.join(remote, 'link'),
          ),
          await promisify<string, { isSymbolicLink(): boolean }>(files.lstat.bind(files))(path.join(remote, 'link')),
        ];
        expect([file.size, file.isFile(), link.isSymbolicLink()]).toEqual([4, true, true]);
      });

      it('writes nothing at an offset that no file reaches', async () => {
        const name = path.join(remote, 'far');
        await writeFile(name, 'content');
        const handle = await promisify(files.open.bind(files))(name, 'r+');
        await expect(promisify(files.write.bind(files))(handle, Buffer.from('XXX'), 0, 3, 2 ** 63)).rejects.toThrow();
        await promisify(files.close.bind(files))(handle);
        expect(await readFile(name, 'utf8')).toBe('content');
      });
    });
  });
});

describe('the program behind sftp', () => {
  const lackingRoot = process.getuid?.() === 0 && readAccount('nobody') ? undefined : 'needs root and a user nobody';

  it.skipIf(lackingRoot)(
    `is ours on every machine, and runs as the user who logged in, without a build's environment${skipped(lackingRoot)}`,
    async () => {
      const directory = mkdtempSync(path.join(tmpdir(), 'wip-sftp-user-'));
      const agent = await AgentProcess.start({
        config: '[workload]\nuser = nobody\n',
        environment: { BUILD_LEADS: 'x', LD_PRELOAD: '/no/such.so', NODE_OPTIONS: '' },
      });
      const place = await SftpPlace.of(agent);
      await chmod(agent.root, 0o755);
      const { client, files } = await connect(place, 'nobody');
      try {
        const account = readAccount('nobody');
        const pid = childrenOf(agent.pid).find((child) =>
          readFileSync(`/proc/${child}/cmdline`, 'utf8').endsWith('\0sftp-server\0'),
        );
        expect(await stat(`/proc/${pid}`)).toMatchObject({ uid: account?.uid, gid: account?.gid });
        const names = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
        expect(names.map((line) => line.split('=')[0]).sort()).toEqual(['PWD', 'WIP_PROCESS']);
        await expect(promisify(files.readdir.bind(files))(directory)).rejects.toThrow('EACCES');
        const open = promisify(files.open.bind(files));
        const handle = await open(path.join(agent.root, 'tmp/mine'), 'wx');
        await promisify(files.close.bind(files))(handle);
        expect(await stat(path.join(agent.root, 'tmp/mine'))).toMatchObject({ uid: account?.uid });
      } finally {
        client.end();
        place.remove();
        await agent.close();
        rmSync(directory, { recursive: true });
      }
    },
  );
});

async function connect(place: SftpPlace, username: string): Promise<{ client: Client; files: SFTPWrapper }> {
  const client = new Client();
  client.connect({ host: '127.0.0.1', port: place.port, username, privateKey: place.privateKey });
  await once(client, 'ready');
  const files = await new Promise<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, opened) => (error ? reject(error) : resolve(opened))),
  );
  return { client, files };
}
