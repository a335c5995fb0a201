import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findConnection, type ConnectionOptions } from '../../../controlplane/cli/client/find-connection.ts';
import { readContexts, writeContexts } from '../../../controlplane/cli/client/saved-contexts.ts';
import { OperationalError } from '../../../shared/model/error.ts';

const CI = { server: 'https://ci.example', token: 'ci-token' };
const LIVE = { server: 'https://live.example', token: 'live-token' };
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

function writeDevFile(text = JSON.stringify(DEV), mode = 0o600): void {
  writeFileSync(join(directory, '.wip', 'dev.json'), text, { mode });
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

  it('shows neither the password of an address nor a token that is none', () => {
    const told = (options: ConnectionOptions): string => {
      try {
        return JSON.stringify(findConnection(options, { environment: {}, cwd }));
      } catch (error) {
        return String(error);
      }
    };
    expect(told({ server: 'http://me:secret@a.example:8090', token: 'x' })).toMatch(
      /server at a\.example:8090 has a name/,
    );
    expect(told({ server: 'http://me:secret@a.example', token: 'x' })).not.toContain('secret');
    expect(told({ server: 'http://a.example', token: 'secret\nsecret' })).not.toContain('secret');
  });

  it('strips the password of an address that somebody has written into contexts.json', () => {
    const environment = { XDG_CONFIG_HOME: directory };
    const written = { server: 'https://me:secret@ci.example:8443/', token: 'ci-token' };
    writeContexts(environment, { current: 'ci', contexts: { ci: written, live: LIVE } });
    const read = readContexts(environment);
    expect(read.contexts).toEqual({ ci: { ...written, server: 'https://ci.example:8443' }, live: LIVE });
    expect(find({}, environment)).toMatchObject({ url: 'https://ci.example:8443', token: 'ci-token' });
    writeContexts(environment, read);
    expect(readFileSync(join(directory, 'wip', 'contexts.json'), 'utf8')).not.toContain('secret');
  });

  it('takes a token with the line break of its file', () => {
    expect(find({ server: 'https://a.example', token: 'token\r\n' })).toMatchObject({ token: 'token' });
  });

  it('takes an address with blanks and line breaks around it, as a file or a paste has them', () => {
    expect(find({}, { WIP_SERVER: ' https://a.example\r\n', WIP_TOKEN: 'x' })).toMatchObject({
      url: 'https://a.example',
    });
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
    ['the address has a line break within', writeDevFile, { server: 'https://a.example/\nb' }, 'USAGE'],
    ['the address has a password', writeDevFile, { server: 'http://me:secret@127.0.0.1:8090' }, 'USAGE'],
    ['the address has a query', writeDevFile, { server: 'http://127.0.0.1:8090/?a=b' }, 'USAGE'],
    ['the token has two lines', writeDevFile, { server: 'https://a.example', token: 'one\ntwo' }, 'USAGE'],
    ['the token is no ASCII', writeDevFile, { server: 'https://a.example', token: 'tökén' }, 'USAGE'],
    ['the token is blank', writeDevFile, { server: 'https://a.example', token: ' \n' }, 'USAGE'],
  ])('refuses when %s', (_when, prepare, options, code) => {
    prepare();
    expect(find(options)).toEqual({ refused: code });
  });
});

// A repository that was checked out, and a directory above that others may write to, can have a .wip/dev.json as well.
describe('a .wip/dev.json that "wipctl dev" of the same user did not write', () => {
  const path = (): string => join(directory, '.wip', 'dev.json');
  const refusal = (): unknown => {
    try {
      return findConnection({}, { environment: {}, cwd });
    } catch (error) {
      return error instanceof OperationalError ? error.message : error;
    }
  };

  it('gets no WIP_TOKEN, whoever it is from', () => {
    writeDevFile();
    expect(find({}, { WIP_TOKEN: 'secret' })).toMatchObject({ url: DEV.url, token: DEV.token });
  });

  it('is not used as git checks it out: other users may read it', () => {
    writeDevFile(undefined, 0o644);
    expect(find({}, { WIP_TOKEN: 'secret' })).toEqual({ refused: 'CONTROL_PLANE_UNREACHABLE' });
    expect(refusal()).toContain(`${path()} was not used: other users may use it (mode 644)`);
    expect(find({ server: DEV.url })).toEqual({ refused: 'UNAUTHORIZED' });
  });

  it.each([
    'https://evil.example',
    'http://127.0.0.1@evil.example',
    'http://localhost.evil.example:8090',
    'http://169.254.1.1',
    'http://192.0.2.7:8090',
    'ftp://127.0.0.1',
  ])('is not used with an address of elsewhere: %s', (url) => {
    writeDevFile(JSON.stringify({ ...DEV, url }));
    expect(refusal()).toContain(`${path()} was not used: it names ${url}, which is not this machine`);
  });

  it.each(['http://localhost:1', 'http://[::1]:1', 'http://127.8.0.1:1', 'http://0.0.0.0:1', ownAddress()])(
    'is used with an address of this machine: %s',
    (url) => {
      writeDevFile(JSON.stringify({ ...DEV, url }));
      expect(find()).toMatchObject({ url });
    },
  );

  it('is not used through a symbolic link, or from a directory that everybody writes to', () => {
    writeFileSync(join(directory, 'elsewhere'), JSON.stringify(DEV), { mode: 0o600 });
    symlinkSync(join(directory, 'elsewhere'), path());
    expect(refusal()).toContain('it is a symbolic link');
    rmSync(path());
    writeDevFile();
    chmodSync(join(directory, '.wip'), 0o777);
    expect(refusal()).toContain('other users may use its directory (mode 777)');
  });

  it.skipIf(process.geteuid?.() !== 0)('is not used when it belongs to another user (skipped without root)', () => {
    writeDevFile();
    chownSync(path(), 65_534, 65_534);
    expect(refusal()).toContain('it belongs to another user');
    chownSync(join(directory, '.wip'), 65_534, 65_534);
    expect(refusal()).toContain('its directory belongs to another user');
  });

  it('hides neither the one of a running "wipctl dev" above it nor the current context', () => {
    mkdirSync(join(cwd, '.wip'));
    writeFileSync(join(cwd, '.wip', 'dev.json'), JSON.stringify({ ...DEV, token: 'x' }), { mode: 0o644 });
    writeDevFile();
    expect(find()).toMatchObject({ token: DEV.token });
    rmSync(path());
    const environment = { XDG_CONFIG_HOME: join(directory, 'config') };
    writeContexts(environment, { current: 'ci', contexts: { ci: CI } });
    expect(find({}, environment)).toMatchObject({ token: CI.token, notice: expect.stringContaining('was not used') });
  });

  it('is told of when it is used and not the current context', () => {
    writeDevFile();
    const environment = { XDG_CONFIG_HOME: join(directory, 'config') };
    writeContexts(environment, { current: 'ci', contexts: { ci: CI } });
    const notice = `This command goes to ${DEV.url}, as ${path()} says, and not to the current context "ci".`;
    expect(find({}, environment)).toMatchObject({ url: DEV.url, token: DEV.token, notice });
  });
});

/** An address of this machine that is not loopback, where it has one. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const address = all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
  return `http://${address}:8090`;
}

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
