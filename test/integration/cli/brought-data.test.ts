import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readMasterKeys } from '../../../controlplane/keys/read-master-keys.ts';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '../../../controlplane/postgres/embedded-postgres.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { RecordingLog } from '../../kit/recording-log.ts';

/** A data directory with one file, as a checked-out repository brings it. */
function brought(name: string, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'wip-brought-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o644);
  return directory;
}

const KNOWN_KEY = Buffer.alloc(32, 7).toString('base64');
const refused = expect.objectContaining({ code: 'DATA_DIRECTORY_UNUSABLE' }) as Error;

describe('a .wip that a repository brings', () => {
  it('has no master key that a development system would seal its secrets with', () => {
    const directory = brought('master.key', `${KNOWN_KEY}\n`);
    const read = (): unknown => readMasterKeys({ mode: 'development', data_dir: directory });
    expect(read).toThrow(refused);
    expect(read).toThrow(/master\.key is open to other users \(mode 644\)/);
    // The user says that it is his own.
    chmodSync(join(directory, 'master.key'), 0o600);
    expect(readMasterKeys({ mode: 'development', data_dir: directory }).reveal().toString('base64')).toBe(KNOWN_KEY);
  });

  it.each(['server.json', 'ecs/state.json', 'ecs/access-key.json'])(
    'starts and asks no database of it (%s)',
    async (name) => {
      const state = { password: 'known', dataDirectory: '/tmp/theirs', isInitialised: true };
      const directory = brought(name, JSON.stringify(state));
      await expect(findEmbeddedPostgres(directory)).rejects.toThrow(refused);
      await expect(startEmbeddedPostgres({ directory, clock: systemClock, log: new RecordingLog() })).rejects.toThrow(
        refused,
      );
      expect(existsSync(join(directory, 'cluster'))).toBe(false);
    },
  );

  it('leads no log of the database into a file of its user', async () => {
    const directory = brought('README', '');
    const own = join(directory, 'own');
    writeFileSync(own, 'mine\n', { mode: 0o600 });
    symlinkSync(own, join(directory, 'postgres.log'));
    await expect(startEmbeddedPostgres({ directory, clock: systemClock, log: new RecordingLog() })).rejects.toThrow(
      /postgres\.log is a symbolic link/,
    );
    expect(readFileSync(own, 'utf8')).toBe('mine\n');
  });
});
