import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMasterKeys } from '../../../controlplane/keys/read-master-keys.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'wip-key-'))));
afterEach(() => rmSync(directory, { recursive: true }));

describe('the master key', () => {
  it('a node in production does not start without one, and makes none', () => {
    expect(() => readMasterKeys({ mode: 'production', data_dir: directory })).toThrow(
      expect.objectContaining({ code: 'MASTER_KEY_MISSING' }) as Error,
    );
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is given, or read from a file', () => {
    const file = join(directory, 'key');
    writeFileSync(file, `${KEY}\n`);
    for (const given of [{ master_key: KEY }, { master_key_file: file }]) {
      const key = readMasterKeys({ mode: 'production', data_dir: directory, ...given });
      expect(key.reveal().toString('base64')).toBe(KEY);
    }
  });

  it.each(['', 'short', KEY.slice(4)])('of another length is refused: "%s"', (text) => {
    const file = join(directory, 'key');
    writeFileSync(file, text);
    expect(() => readMasterKeys({ mode: 'production', data_dir: directory, master_key_file: file })).toThrow(
      expect.objectContaining({ code: 'MASTER_KEY_MISSING' }) as Error,
    );
  });

  it('of a development system is made once, for its owner only', () => {
    const first = readMasterKeys({ mode: 'development', data_dir: directory });
    expect(readMasterKeys({ mode: 'development', data_dir: directory }).reveal()).toEqual(first.reveal());
    expect(statSync(join(directory, 'master.key')).mode & 0o777).toBe(0o600);
  });

  it('has others beside it that open, given or in a file', () => {
    const [second, third] = [8, 9].map((byte) => Buffer.alloc(32, byte).toString('base64'));
    const file = join(directory, 'old');
    writeFileSync(file, `${third}\n\n`);
    const config = { mode: 'production', data_dir: directory, master_key: KEY } as const;
    const keys = readMasterKeys({ ...config, master_keys_old: ` ${second}, `, master_keys_old_file: file });
    expect(keys.others().map((key) => key.toString('base64'))).toEqual([second, third]);
    expect(keys.reveal().toString('base64')).toBe(KEY);
    expect(readMasterKeys(config).others()).toEqual([]);
    expect(() => readMasterKeys({ ...config, master_keys_old: 'short' })).toThrow(/WIP_MASTER_KEYS_OLD has 3 bytes/);
  });
});
