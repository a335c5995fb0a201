import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findConnection, type ConnectionOptions } from '../../../controlplane/cli/client/find-connection.ts';
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
    expect(find()).toEqual({ url: DEV.url, token: DEV.token });
  });

  it('prefers options to the environment and the environment to the file', () => {
    writeDevFile();
    const environment = { WIP_SERVER: 'https://env.example', WIP_TOKEN: 'env-token' };
    expect(find({}, environment)).toEqual({ url: 'https://env.example', token: 'env-token' });
    const options = { server: 'https://option.example', token: 'option-token' };
    expect(find(options, environment)).toEqual({ url: 'https://option.example', token: 'option-token' });
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
