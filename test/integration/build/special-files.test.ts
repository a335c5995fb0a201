import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readRegularFile } from '../../../agent/system/read-regular-file.ts';
import { BuildPlace, stepOf } from '../../kit/builds/build-place.ts';
import { CHECKOUT, COMPILE_CACHE } from '../../kit/programs/program.ts';

let place: BuildPlace;
beforeEach(() => {
  place = new BuildPlace();
  mkdirSync(place.path('site'));
});
afterEach(() => place.remove());

const NAME = 'acquia-pipelines.yaml';

/** Makes what is there in place of the build file. */
const SPECIAL: Readonly<Record<string, (path: string) => void>> = {
  'a device without an end': (path) => symlinkSync('/dev/zero', path),
  'a named pipe that nobody writes to': (path) => void execFileSync('mkfifo', [path]),
  'a directory': (path) => void mkdirSync(path),
  'a link to itself': (path) => symlinkSync(NAME, path),
};
const WHY: Readonly<Record<string, string>> = {
  'a device without an end': 'it is a device, and not a regular file',
  'a named pipe that nobody writes to': 'it is a named pipe, and not a regular file',
  'a directory': 'it is a directory, and not a regular file',
  'a link to itself': 'ELOOP',
};

describe.each(Object.keys(SPECIAL))('a build file that is %s', (what) => {
  beforeEach(() => SPECIAL[what]!(place.path('site', NAME)));

  it.each([
    ['lint', ['lint', 'site']],
    ['local', ['local', 'site']],
    ['run', ['run', '--workspace', 'site', '--source-path', 'main']],
  ])('is refused by %s with the reason', async (_, argv) => {
    const outcome = await place.build(argv);
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^BUILD_FILE_INVALID: .*acquia-pipelines\.yaml:1:1: it cannot be read: /);
    expect(outcome.stderr).toContain(WHY[what]);
  });
});

describe('a build file in the source that is a link out of it', () => {
  it('is refused by export with the reason', async () => {
    place.repository('source', { 'README.md': 'a site' });
    symlinkSync('/dev/zero', place.path('source', NAME));
    place.commit('source', {});
    const uri = place.path('source');
    const outcome = await place.build([
      'export',
      '--source-uri',
      uri,
      '--source-path=main',
      '--workspace',
      place.path('w'),
    ]);
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('it is a device') });
  });
});

describe('a build file that is too large', () => {
  it('is refused before all of it is in memory', async () => {
    place.write({ [NAME]: Buffer.alloc(3_000_001, '#') }, 'site');
    expect(await place.build(['lint', 'site'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('it cannot be read: it has more than 3000000 bytes'),
    });
  });
});

describe('a deploy key that is a named pipe', () => {
  it('is refused instead of waited for', async () => {
    place.write({ [NAME]: stepOf('true') }, 'site');
    execFileSync('mkfifo', [place.path('key')]);
    const environment = { WIP_DEPLOY_KEY_FILE: place.path('key') };
    const outcome = await place.build(['run', '--workspace', 'site', '--source-path', 'main'], { environment });
    expect(outcome).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^WORKSPACE_UNUSABLE: The deploy key cannot be taken from .*: it is a named pipe/),
    });
  });
});

describe('readRegularFile', () => {
  it('refuses a socket, and says what it is', async () => {
    const server = createServer().listen(place.path('socket'));
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    await expect(readRegularFile(place.path('socket'), 10)).rejects.toThrow('it is a socket');
  });

  it('reads a file as far as it is allowed to, and says whether that was all', async () => {
    place.write({ file: '12345' });
    const read = async (maxBytes: number): Promise<[string, boolean]> => {
      const { bytes, isWhole } = await readRegularFile(place.path('file'), maxBytes);
      return [bytes.toString(), isWhole];
    };
    expect([await read(4), await read(5), await read(6)]).toEqual([
      ['1234', false],
      ['12345', true],
      ['12345', true],
    ]);
  });
});

describe('wip-agent build lint', () => {
  it('ends at SIGTERM also while nobody reads what it prints', async () => {
    // More than the kernel keeps for a reader.
    const problems = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join('');
    place.write({ [NAME]: problems }, 'site');
    const argv = [join(CHECKOUT, 'agent', 'main.ts'), 'build', 'lint', '--json', place.path('site')];
    const environment = { ...place.environment, ...COMPILE_CACHE };
    const child = spawn(process.execPath, argv, { env: environment, stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'readable');
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([null, 'SIGTERM']);
  });
});
