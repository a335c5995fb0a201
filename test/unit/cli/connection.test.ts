import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findConnection, type ConnectionOptions } from '../../../controlplane/cli/client/find-connection.ts';
import { readContexts, writeContexts } from '../../../controlplane/cli/client/saved-contexts.ts';
import { OperationalError } from '../../../shared/model/error.ts';

const DEV = { url: 'http://127.0.0.1:8090', token: 'dev-token', pid: 1 };

let directory: string;
let cwd: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wip-connection-'));
  cwd = join(directory, 'deep', 'down');
  mkdirSync(cwd, { recursive: true });
  mkdirSync(join(directory, '.wip'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function writeDevFile(text = JSON.stringify(DEV)): void {
  writeFileSync(join(directory, '.wip', 'dev.json'), text);
}

function find(options: ConnectionOptions = {}, environment: Record<string, string> = {}): object {
  try {
    return findConnection(options, { environment, cwd });
  } catch (error) {
    if (error instanceof OperationalError) return { refused: error.code };
    throw error;
  }
}

describe('findConnection', () => {
  it('finds what "wipctl dev" left in a directory above', () => {
    writeDevFile();
    expect(find()).toMatchObject({ url: DEV.url, token: DEV.token, from: join(directory, '.wip', 'dev.json') });
  });

  it('prefers options to the environment and the environment to the file', () => {
    writeDevFile();
    const environment = { WIP_SERVER: 'https://env.example', WIP_TOKEN: 'env-token' };
    expect(find({}, environment)).toMatchObject({ url: 'https://env.example', token: 'env-token', from: 'WIP_SERVER' });
    const options = { server: 'https://option.example', token: 'option-token' };
    expect(find(options, environment)).toMatchObject({ url: 'https://option.example', token: 'option-token' });
  });

  it('gives the token of "wipctl dev" to that address only', () => {
    writeDevFile();
    expect(find({ server: 'http://127.0.0.1:8090/' })).toMatchObject({ token: DEV.token });
    expect(find({ server: 'https://elsewhere.example' })).toEqual({ refused: 'UNAUTHORIZED' });
  });

  it.each([
    ['nothing is known', () => undefined, {}, 'CONTROL_PLANE_UNREACHABLE'],
    ['the file is not JSON', () => writeDevFile('{'), {}, 'CONFIG_INVALID'],
    ['the file lacks the token', () => writeDevFile('{"url":"http://127.0.0.1:1"}'), {}, 'CONFIG_INVALID'],
    ['the address is none', writeDevFile, { server: 'localhost:8090' }, 'USAGE'],
  ])('refuses when %s', (_when, prepare, options, code) => {
    prepare();
    expect(find(options)).toEqual({ refused: code });
  });
});

const CI = { server: 'https://ci.example', token: 'ci-token' };
const LIVE = { server: 'https://live.example', token: 'live-token' };

describe('findConnection with saved contexts', () => {
  let environment: Record<string, string>;
  beforeEach(() => {
    environment = { XDG_CONFIG_HOME: join(directory, 'config') };
    writeContexts(environment, { current: 'ci', contexts: { ci: CI, live: LIVE } });
  });
  const file = (): string => join(directory, 'config', 'wip', 'contexts.json');

  it('takes the current one when nothing else names a server', () => {
    expect(find({}, environment)).toEqual({
      url: CI.server,
      token: CI.token,
      from: 'the context "ci" (the current one)',
      contextName: 'ci',
    });
    writeDevFile();
    expect(find({}, environment)).toMatchObject({ url: DEV.url, contextName: null });
  });

  it.each([
    [{ server: 'https://a.example', token: 'a' }, {}, 'https://a.example'],
    [{ context: 'live' }, { WIP_SERVER: 'https://env.example', WIP_CONTEXT: 'ci' }, LIVE.server],
    [{}, { WIP_SERVER: 'https://env.example', WIP_TOKEN: 'e', WIP_CONTEXT: 'live' }, 'https://env.example'],
    [{}, { WIP_CONTEXT: 'live' }, LIVE.server],
  ])('of %j and the variables %j', (options, variables, url) => {
    writeDevFile();
    expect(find(options, { ...environment, ...variables })).toMatchObject({ url });
  });

  it('sends a token to its own server only', () => {
    const variables = { ...environment, WIP_TOKEN: 'another' };
    expect(find({ context: 'live' }, variables)).toMatchObject({ token: LIVE.token });
    expect(find({}, variables)).toMatchObject({ url: CI.server, token: CI.token });
    expect(find({ server: `${LIVE.server}/` }, environment)).toMatchObject({ token: LIVE.token });
    expect(find({ server: 'https://elsewhere.example' }, environment)).toEqual({ refused: 'UNAUTHORIZED' });
    expect(find({ context: 'live', token: 'given' }, environment)).toMatchObject({ token: 'given' });
  });

  it('keeps the file for its owner, and refuses one that others can read', () => {
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    chmodSync(file(), 0o640);
    expect(find({}, environment)).toEqual({ refused: 'CONFIG_INVALID' });
  });

  it.each([
    ['a context that is not there', { context: 'lives' }, 'USAGE'],
    ['a context and a server', { context: 'live', server: LIVE.server }, 'USAGE'],
  ])('refuses %s', (_what, options, code) => {
    expect(find(options, environment)).toEqual({ refused: code });
  });

  it('refuses a file that was broken by hand', () => {
    writeFileSync(file(), '{"current": 1}');
    expect(find({}, environment)).toEqual({ refused: 'CONFIG_INVALID' });
    const given = { server: CI.server, token: 'given' };
    expect(find(given, environment)).toMatchObject({ url: CI.server, token: 'given' });
  });

  it('finds them in the home directory, where the specification has them', () => {
    const home = { HOME: directory };
    writeContexts(home, { current: null, contexts: { ci: CI } });
    expect(readContexts({ ...home, XDG_CONFIG_HOME: 'relative' }).contexts).toEqual({ ci: CI });
    expect(statSync(join(directory, '.config', 'wip', 'contexts.json')).isFile()).toBe(true);
    expect(readContexts({})).toEqual({ current: null, contexts: {} });
  });
});
