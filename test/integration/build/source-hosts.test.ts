// Servers of repositories that are away, silent or broken, with real git. All of them are on loopback.
import { createServer } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBuildRecord } from '../../../shared/protocol/build-record.ts';
import { BuildExportFailure, type ToldGitFailure } from '../../../shared/protocol/git-failure.ts';
import { readFileSync, statSync, truncateSync } from 'node:fs';
import { BuildPlace, stepOf, type BuildOutcome } from '../../kit/builds/build-place.ts';
import { findFreePort } from '../../kit/network/free-port.ts';
import { serveGit } from '../../kit/network/git-http-server.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { serveOnLoopback } from '../../kit/network/loopback-server.ts';
import { selfSigned } from '../../kit/network/self-signed.ts';
import { fillDisk, makeDisk, mayMount } from '../../kit/agent/small-disk.ts';

let place: BuildPlace;
const stops: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  place = new BuildPlace();
  place.repository('source', { 'acquia-pipelines.yaml': stepOf('true') });
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  place.remove();
});

function exportFrom(
  uri: string,
  environment: Record<string, string> = {},
  workspace = 'workspace',
): Promise<BuildOutcome> {
  const argv = ['export', '--source-uri', uri, '--source-path', 'main', '--workspace', workspace];
  return place.build(argv, { clock: new HastyClock(), environment });
}

function failureOf(outcome: BuildOutcome): ToldGitFailure {
  expect(outcome.exitCode).toBe(1);
  const { failure } = BuildExportFailure.parse(JSON.parse(outcome.stdout));
  expect(failure.message).toMatch(/^[^\r\n\x1b]+$/);
  return failure;
}

/** Accepts every connection and says nothing. */
async function silentPort(): Promise<number> {
  const server = createServer((socket) => void socket.on('error', () => undefined).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('an unreachable git host is not the user’s build file', () => {
  it('when it refuses: asked five times, and told with host and reason', async () => {
    const uri = `http://127.0.0.1:${await findFreePort()}/app.git`;
    const outcome = await exportFrom(uri);
    const failure = failureOf(outcome);
    expect(failure).toMatchObject({ kind: 'unreachable', fault: 'system' });
    expect(failure.message).toMatch(
      /^The source repository http:\/\/127\.0\.0\.1:\d+\/app\.git cannot be read: .*Failed to connect.*; tried 5 times\. /,
    );
    expect(outcome.stderr.match(/trying again in/g)).toHaveLength(4);
  });

  it('when it accepts a connection and never answers over HTTP', async () => {
    const impatient = { GIT_HTTP_LOW_SPEED_LIMIT: '1', GIT_HTTP_LOW_SPEED_TIME: '1' };
    const failure = failureOf(await exportFrom(`http://127.0.0.1:${await silentPort()}/app.git`, impatient));
    expect(failure).toMatchObject({ kind: 'unreachable', fault: 'system' });
    expect(failure.message).toMatch(/Operation too slow/);
  });

  it('when it accepts a connection and never answers over SSH', async () => {
    const impatient = { GIT_SSH_COMMAND: 'ssh -F /dev/null -o BatchMode=yes -o ConnectTimeout=1' };
    const failure = failureOf(await exportFrom(`ssh://git@127.0.0.1:${await silentPort()}/app.git`, impatient));
    expect(failure).toMatchObject({ kind: 'unreachable', fault: 'system' });
    expect(failure.message).toMatch(/Connection timed out during banner exchange/);
  });

  it('when nobody knows its name', async () => {
    const failure = failureOf(await exportFrom('https://nowhere.invalid/app.git'));
    expect(failure).toMatchObject({ kind: 'unreachable', fault: 'system' });
    expect(failure.message).toMatch(
      /^The repository https:\/\/nowhere\.invalid\/app\.git cannot be read: the address of nowhere\.invalid is unknown/,
    );
  });

  it('when it is the host of a submodule, which the sentence names', async () => {
    const uri = `http://127.0.0.1:${await findFreePort()}/sub.git`;
    const modules = `[submodule "theme"]\n\tpath = theme\n\turl = ${uri}\n`;
    place.write({ '.gitmodules': modules }, 'source');
    place.git('source', 'add', '.gitmodules');
    place.git('source', 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},theme`);
    place.git('source', 'commit', '--quiet', '-m', 'a submodule');
    const failure = failureOf(await exportFrom('source'));
    expect(failure).toMatchObject({ kind: 'unreachable', fault: 'system' });
    expect(failure.message).toMatch(/^Cloning the submodule theme from http:\/\/127\.0\.0\.1:\d+\/sub\.git failed: /);
  });

  it('when its certificate is signed by nobody: not tried again', async () => {
    const server = await serveOnLoopback((_, response) => response.end(), selfSigned());
    stops.push(() => server.stop());
    const outcome = await exportFrom(`${server.url}/app.git`);
    expect(failureOf(outcome)).toMatchObject({ kind: 'certificate', fault: 'system' });
    expect(outcome.stderr).not.toContain('trying again');
  });

  it('when it comes back in time the build goes on, and a warning says so', async () => {
    // The fetch that begins at once meets one of them, or none.
    let failures = 3;
    const server = await serveGit(place.directory, () => (failures-- > 0 ? 503 : undefined));
    stops.push(() => server.stop());
    const outcome = await exportFrom(`http://127.0.0.1:${server.port}/source`);
    expect(outcome.exitCode).toBe(2);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      warnings: [expect.stringMatching(/does not answer: .*503; it answered at try [34] of 5$/)],
    });
  });
});

describe('a source that its user must correct', () => {
  it('because the repository is empty', async () => {
    place.bareRepository('empty.git');
    const failure = failureOf(await exportFrom('empty.git'));
    expect(failure).toMatchObject({ kind: 'ref-missing', fault: 'user' });
    expect(failure.message).toMatch(/has no branch or tag "main"\. It is empty: push a branch first\.$/);
  });

  it.each([
    ['a page of one line, such as {"error":"sign in"}', '{"error":"sign in"}'],
    ['an empty page', ''],
    ['a page of a web site', '<!DOCTYPE html>\n<html><body>Sign in</body></html>\n'],
  ])('because its address leads to %s', async (_, page) => {
    const server = await serveOnLoopback((_request, response) => response.end(page));
    stops.push(() => server.stop());
    const failure = failureOf(await exportFrom(`${server.url}/source.git`));
    expect(failure).toMatchObject({ kind: 'repository-missing', fault: 'user' });
    expect(failure.message).not.toContain('is empty');
    expect(failure.message).toMatch(/[?.] Check the address; a server says the same of a repository that/);
  });

  it('because the repository is empty, which a server of HTTP says too', async () => {
    place.bareRepository('empty.git');
    const server = await serveGit(place.directory);
    stops.push(() => server.stop());
    const failure = failureOf(await exportFrom(`${server.url}/empty.git`));
    expect(failure.message).toMatch(/has no branch or tag "main"\. It is empty: push a branch first\.$/);
  });

  it.skipIf(!mayMount)('because the disk of the container is too small for it', async () => {
    place.commit('source', { big: Buffer.alloc(2_000_000, 'x') });
    const disk = makeDisk(1);
    const failure = failureOf(await exportFrom('source', {}, join(disk, 'workspace')));
    expect(failure).toMatchObject({ kind: 'disk-full', fault: 'user' });
  });

  it.skipIf(!mayMount)(
    'because the disk is full where git says only which of its own files it cannot write',
    async () => {
      const disk = makeDisk(1);
      fillDisk(disk);
      // Room for a directory and a file, and for nothing that git writes into them.
      truncateSync(join(disk, 'ballast'), statSync(join(disk, 'ballast')).size - 8_192);
      const failure = failureOf(await exportFrom('source', {}, join(disk, 'workspace')));
      expect(failure).toMatchObject({ kind: 'disk-full', fault: 'user' });
      expect(failure.message).toMatch(
        /config.*; the disk of .*workspace is full\. Give the container more disk, or let/,
      );
    },
  );

  it.skipIf(!mayMount)('because the disk is so full that there is no room for the workspace itself', async () => {
    const disk = makeDisk(1);
    fillDisk(disk);
    const failure = failureOf(await exportFrom('source', {}, join(disk, 'workspace')));
    expect(failure).toMatchObject({ kind: 'disk-full', fault: 'user' });
    expect(failure.message).toMatch(/Give the container more disk, or let the build write less\.$/);
  });
});

describe('an unreachable deploy repository', () => {
  it('is asked again while the build shows it, and recorded for programs', async () => {
    expect(await exportFrom('source')).toMatchObject({ exitCode: 0 });
    const uri = `http://127.0.0.1:${await findFreePort()}/out.git`;
    const argv = ['run', '--source-path', 'main', '--workspace', 'workspace', '--deploy-uri', uri];
    const environment = { WIP_BUILD_RECORD: place.path('record') };
    const outcome = await place.build(argv, { clock: new HastyClock(), environment });
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stdout.match(/does not answer: .*trying again in/g)).toHaveLength(4);
    expect(outcome.stderr).toMatch(/^GIT_FAILED: The deploy repository [^\r\n]*; tried 5 times\. [^\r\n]*\n$/);
    expect(readBuildRecord(readFileSync(place.path('record'), 'utf8'))).toMatchObject({
      outcome: 'failed',
      steps: [{ exitCode: 0 }],
      pushFailure: { code: 'GIT_FAILED', kind: 'unreachable', fault: 'system' },
    });
  });
});
