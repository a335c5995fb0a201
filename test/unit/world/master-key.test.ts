import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMasterKey } from '../../../controlplane/world/master-key.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'wip-key-'))));
afterEach(() => rmSync(directory, { recursive: true }));

describe('the master key', () => {
  it('a node in production does not start without one, and makes none', () => {
    expect(() => readMasterKey({ mode: 'production', data_dir: directory })).toThrow(
      expect.objectContaining({ code: 'MASTER_KEY_MISSING' }) as Error,
    );
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is given, or read from a file', () => {
    const file = join(directory, 'key');
    writeFileSync(file, `${KEY}\n`);
    for (const given of [{ master_key: KEY }, { master_key_file: file }]) {
      const key = readMasterKey({ mode: 'production', data_dir: directory, ...given });
      expect(key.reveal().toString('base64')).toBe(KEY);
    }
  });

  it.each(['', 'short', KEY.slice(4)])('of another length is refused: "%s"', (text) => {
    const file = join(directory, 'key');
    writeFileSync(file, text);
    expect(() => readMasterKey({ mode: 'production', data_dir: directory, master_key_file: file })).toThrow(
      expect.objectContaining({ code: 'MASTER_KEY_MISSING' }) as Error,
    );
  });

  it('of a development system is made once, for its owner only', () => {
    const first = readMasterKey({ mode: 'development', data_dir: directory });
    expect(readMasterKey({ mode: 'development', data_dir: directory }).reveal()).toEqual(first.reveal());
    expect(statSync(join(directory, 'master.key')).mode & 0o777).toBe(0o600);
  });
});
