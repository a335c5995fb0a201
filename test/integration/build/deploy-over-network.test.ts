import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildPlace, stepOf, type BuildOutcome } from '../../kit/builds/build-place.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { serveGit, type GitHttpServer } from '../../kit/network/git-http-server.ts';

const BRANCH = 'pipelines-build-main';
const ORDERED = `Basic ${Buffer.from('deployer:p@ss').toString('base64')}`;

let place: BuildPlace;
let server: GitHttpServer;
/** Number of times that the server answers 503 instead of its branches once an artefact has come. */
let failures: number;
let thief: GitHttpServer;

beforeEach(async () => {
  place = new BuildPlace();
  place.bareRepository('deploy.git');
  mkdirSync(place.path('home'));
  failures = 0;
  let isPushed = false;
  server = await serveGit(place.directory, ({ method, url, headers }) => {
    if (headers.authorization !== ORDERED) return 401;
    isPushed ||= method === 'POST' && url === '/deploy.git/git-receive-pack';
    return isPushed && url?.endsWith('service=git-upload-pack') && failures-- > 0 ? 503 : undefined;
  });
  thief = await serveGit(place.path('home'), () => 502);
});
afterEach(async () => {
  await Promise.all([server.stop(), thief.stop()]);
  place.remove();
});

async function build(commands: readonly string[], environment: Record<string, string> = {}): Promise<BuildOutcome> {
  const all = {
    HOME: place.path('home'),
    GIT_CONFIG_GLOBAL: undefined,
    GIT_CONFIG_SYSTEM: place.path('system'),
    ...environment,
  };
  place.repository('source', { 'acquia-pipelines.yaml': stepOf(...commands) });
  const common = ['--source-path', 'main', '--workspace', 'workspace'];
  expect(await place.build(['export', '--source-uri', 'source', ...common], { environment: all })).toMatchObject({
    exitCode: 0,
  });
  const uri = `http://deployer:p%40ss@127.0.0.1:${server.port}/deploy.git`;
  return place.build(['run', ...common, '--deploy-uri', uri], { environment: all, clock: new HastyClock() });
}

describe('an artefact that is deployed over HTTP', () => {
  it.each([
    ['a proxy', 'http.proxy "http://127.0.0.1:$THIEF"'],
    ['a proxy for the address', 'http."http://127.0.0.1:$SERVER".proxy "http://127.0.0.1:$THIEF"'],
    ['a header', 'http.extraHeader "Authorization: Basic c3RvbGVu"'],
    ['a helper for credentials', 'credential.helper "!echo username=thief; echo password=stolen; #"'],
    ['a file of cookies', 'http.cookieFile "$HOME/cookies"'],
  ])('uses the address and the password of the order, and not %s that a step configured', async (_, setting) => {
    const outcome = await build([
      `THIEF=${thief.port} SERVER=${server.port}`,
      `git config --global ${setting}`,
      'echo "machine 127.0.0.1 login thief password stolen" > ~/.netrc',
    ]);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout).toContain(`commit ${place.git('deploy.git', 'rev-parse', BRANCH)} pushed`);
    expect(outcome.stdout + outcome.stderr).not.toContain('p@ss');
    expect(thief.requests).toEqual([]);
    expect(new Set(server.requests.map(({ authorization }) => authorization))).toEqual(new Set([undefined, ORDERED]));
  });

  it('is confirmed by a server that cannot answer at first', async () => {
    failures = 2;
    expect(await build(['true'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(failures).toBeLessThan(1);
  });

  it('is not said to be there when the server cannot be asked', async () => {
    failures = 100;
    const outcome = await build(['true']);
    expect(outcome).toMatchObject({ exitCode: 1, stdout: expect.not.stringContaining('--- artefact') });
    expect(outcome.stderr).toMatch(
      /^GIT_FAILED: git pushed commit .* but whether it is there could not be asked \(.*503/,
    );
  });

  it('goes through the proxy that the machine had before the steps', async () => {
    place.write({ system: `[http]\n\tproxy = http://127.0.0.1:${thief.port}\n` });
    const outcome = await build(['git config --system --unset http.proxy']);
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^GIT_FAILED: .*502/) });
    expect(thief.requests.length).toBeGreaterThan(0);
    expect(server.requests).toEqual([]);
  });

  it('goes through the proxy that the order set', async () => {
    const outcome = await build(['true'], { http_proxy: `http://127.0.0.1:${thief.port}` });
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^GIT_FAILED: .*502/) });
    expect(server.requests).toEqual([]);
  });
});
