// The machines that the build tool connects to. No request leaves loopback: the test resolves names itself, and
// addresses are refused before git is started, which a fake git of the test would note.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REPOSITORY_HOSTS } from '../../../shared/protocol/build-export.ts';
import { BuildPlace, stepOf, type BuildOptions, type BuildOutcome } from '../../kit/builds/build-place.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { serveOnLoopback } from '../../kit/network/loopback-server.ts';

let place: BuildPlace;
const stops: (() => Promise<void>)[] = [];
beforeEach(() => void (place = new BuildPlace()));
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  place.remove();
});

/** Even a faulty build tool reaches no other machine with these variables. */
const NOWHERE = {
  http_proxy: 'http://127.0.0.1:1',
  https_proxy: 'http://127.0.0.1:1',
  no_proxy: '127.0.0.1,rebound.invalid,git.example',
  GIT_SSH_COMMAND: 'false',
};

function exportFrom(sourceUri: string, options: BuildOptions = {}): Promise<BuildOutcome> {
  const argv = ['export', '--source-uri', sourceUri, '--source-path', 'main', '--workspace', 'workspace'];
  return place.build(argv, { ...options, environment: { ...NOWHERE, ...options.environment } });
}

/** Replaces git by a program that only notes its start. */
function fakeGit(): { environment: Record<string, string>; wasStarted: () => boolean } {
  mkdirSync(place.path('bin'));
  writeFileSync(place.path('bin', 'git'), `#!/bin/sh\necho "$@" >> ${place.path('started')}\n`, { mode: 0o755 });
  return {
    environment: { PATH: `${place.path('bin')}:/usr/bin:/bin` },
    wasStarted: () => existsSync(place.path('started')),
  };
}

interface Server {
  readonly port: number;
  readonly requests: string[];
}

/** Serves the repository `source` on loopback, and below /redirect/ a redirection to it. */
async function serve(): Promise<Server> {
  const requests: string[] = [];
  const server = await serveOnLoopback((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    requests.push(`${request.headers.host ?? ''}${path}`);
    if (path.startsWith('/redirect/')) {
      response.writeHead(302, { location: (request.url ?? '').replace('/redirect', '') }).end();
      return;
    }
    readFile(place.path('source', '.git', path.slice(1))).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  stops.push(server.stop);
  return { port: server.port, requests };
}

function makeSource(): void {
  place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
  place.git('source', 'update-server-info');
}

/** `git submodule add` would connect to the address. */
function addSubmodule(repository: string, uri: string): void {
  const commit = place.git(repository, 'rev-parse', 'HEAD');
  place.write({ '.gitmodules': `[submodule "lib"]\n\tpath = lib\n\turl = ${JSON.stringify(uri)}\n` }, repository);
  place.git(repository, 'add', '.gitmodules');
  place.git(repository, 'update-index', '--add', '--cacheinfo', `160000,${commit},lib`);
  place.git(repository, 'commit', '--quiet', '-m', 'a submodule');
}

const toLoopback = (): Promise<readonly string[]> => Promise.resolve(['127.0.0.1']);

describe('a repository address that names the metadata service', () => {
  it.each([
    ['by its address', 'http://169.254.169.254/latest/meta-data/iam'],
    ['by a number', 'http://0xA9FEA9FE/x'],
    ['by its name', 'http://metadata.google.internal/x'],
    ['for scp', 'git@169.254.169.254:x'],
    ['behind a program', 'ext::curl http://169.254.169.254/'],
  ])('%s is refused before git is started', async (_, uri) => {
    const { environment, wasStarted } = fakeGit();
    const outcome = await exportFrom(uri, { environment });
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
    expect(outcome.stderr).toMatch(
      /^REPOSITORY_REFUSED: The repository .* is not read or written: .*\. Give the address/,
    );
    expect(wasStarted()).toBe(false);
  });

  it.each([
    [['169.254.169.254']],
    [['127.0.0.1', '169.254.170.2']],
    [['::ffff:169.254.169.254']],
    [['fe80::1%eth0']],
    [['fd00:ec2::254']],
  ])('through DNS is refused before git is started: %j', async (addresses) => {
    const { environment, wasStarted } = fakeGit();
    const asked: string[] = [];
    const lookupHost = (host: string): Promise<readonly string[]> => {
      asked.push(host);
      return Promise.resolve(addresses);
    };
    for (const uri of ['https://evil.example/x.git', 'git@evil.example:x.git', 'git://evil.example/x']) {
      const outcome = await exportFrom(uri, { environment, lookupHost });
      expect(outcome.stderr).toMatch(/^REPOSITORY_REFUSED: .*evil\.example is .* belongs to the machine/);
    }
    expect(asked).toEqual(['evil.example', 'evil.example', 'evil.example']);
    expect(wasStarted()).toBe(false);
  });

  it('through a redirect is not followed', async () => {
    makeSource();
    const server = await serve();
    const outcome = await exportFrom(`http://127.0.0.1:${server.port}/redirect/`);
    expect(outcome.stderr).toMatch(/^GIT_FAILED: The source repository .*cannot be read: .*302/);
    expect(server.requests.every((request) => request.includes('/redirect/'))).toBe(true);
  });

  it('through a second answer of DNS is not reached: git speaks to the address that was judged', async () => {
    makeSource();
    const server = await serve();
    // Only the test's resolver knows this name, so git must have got the address from the build tool.
    const uri = `http://rebound.invalid:${server.port}/`;
    expect(await exportFrom(uri, { lookupHost: toLoopback })).toMatchObject({ exitCode: 0, stderr: '' });
    expect(server.requests[0]).toMatch(/^rebound\.invalid:\d+\/info\/refs$/);
  });

  it.each(['http://169.254.169.254/x', 'ext::sh -c "touch /tmp/x"', 'git@metadata.google.internal:x'])(
    'as a submodule is refused: %s',
    async (uri) => {
      makeSource();
      addSubmodule('source', uri);
      const outcome = await exportFrom('source');
      expect(outcome.stderr).toMatch(/^REPOSITORY_REFUSED: The repository .* is not read or written: /);
    },
  );

  it('as a relative submodule of the repository, or as a submodule of a submodule, is refused', async () => {
    place.repository('inner', {});
    addSubmodule('inner', 'http://169.254.169.254/x');
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
    place.git('source', 'submodule', '--quiet', 'add', '../inner', 'inner');
    place.commit('source', {});
    const outcome = await exportFrom('source');
    expect(outcome.stderr).toMatch(/^REPOSITORY_REFUSED: The repository http:\/\/169\.254\.169\.254\/x is not read/);
    expect(existsSync(place.path('workspace', 'inner', '.gitmodules'))).toBe(true);
  });

  it('as the target of the artefact is refused, and nothing is pushed', async () => {
    const deploy = ['--deploy-uri', 'http://evil.example/x'];
    const lookupHost = (): Promise<readonly string[]> => Promise.resolve(['169.254.169.254']);
    const outcome = await place.run(stepOf('git init --quiet'), { argv: deploy, lookupHost, environment: NOWHERE });
    expect(outcome).toMatchObject({ exitCode: 1 });
    expect(outcome.stderr).toMatch(
      /REPOSITORY_REFUSED: The repository http:\/\/evil\.example\/x is not read or written/,
    );
  });
});

describe('repository_hosts in a container', () => {
  it('decides about paths, names and addresses', async () => {
    makeSource();
    const server = await serve();
    const uri = `http://git.example:${server.port}/`;
    const tries = async (rules: string, address: string): Promise<string> => {
      const options = { environment: { [REPOSITORY_HOSTS]: rules }, lookupHost: toLoopback };
      const { exitCode, stderr } = await exportFrom(address, options);
      return exitCode === 0 ? 'built' : (stderr.split(':')[0] ?? '');
    };
    expect(await tries('', place.path('source'))).toBe('REPOSITORY_REFUSED');
    expect(await tries('local', place.path('source'))).toBe('built');
    expect(await tries('', uri)).toBe('built');
    expect(await tries('git.example', uri)).toBe('built');
    expect(await tries('127.0.0.0/8', uri)).toBe('built');
    expect(await tries('github.com', uri)).toBe('REPOSITORY_REFUSED');
    expect(await tries('-127.0.0.0/8', uri)).toBe('REPOSITORY_REFUSED');
  });

  it('does not let a repository of the network have submodules on this machine', async () => {
    makeSource();
    addSubmodule('source', place.path('source'));
    place.git('source', 'update-server-info');
    const server = await serve();
    const outcome = await exportFrom(`http://127.0.0.1:${server.port}/`);
    expect(outcome.stderr).toMatch(
      /^REPOSITORY_REFUSED: .*it is a submodule with a path, of a repository that has none/,
    );
  });

  it('says that a name is unknown', async () => {
    const { environment, wasStarted } = fakeGit();
    const withoutProxy = { http_proxy: undefined, https_proxy: undefined };
    const options = { environment: { ...environment, ...withoutProxy }, clock: new HastyClock() };
    const outcome = await exportFrom('https://nowhere.example/x', options);
    expect(wasStarted()).toBe(false);
    expect(outcome.stderr).toMatch(/^GIT_FAILED: .*the address of nowhere\.example is unknown: unknown host/m);
  });

  it('leaves a name to the proxy that is going to look it up', async () => {
    const { environment } = fakeGit();
    const options = { environment: { ...environment, https_proxy: 'http://127.0.0.1:1' } };
    await exportFrom('https://nowhere.example/x', options);
    expect(readFileSync(place.path('started'), 'utf8')).toContain('https://nowhere.example/x');
    const metadata = await exportFrom('https://169.254.169.254/x', options);
    expect(metadata.stderr).toMatch(/^REPOSITORY_REFUSED/);
  });
});
