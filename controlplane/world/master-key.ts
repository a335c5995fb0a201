import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { Secret } from '../../shared/support/secret.ts';
import type { ControlPlaneConfig } from '../config.ts';

const KEY_BYTES = 32;

/**
 * The key that seals every secret of the installation: given, read from a file, or (in development only) made
 * once in the data directory. Throws MASTER_KEY_MISSING when there is none or it is not 32 bytes of base64.
 */
export function readMasterKey(
  config: Pick<ControlPlaneConfig, 'mode' | 'data_dir' | 'master_key' | 'master_key_file'>,
): Secret<Buffer> {
  if (config.master_key) return parse(config.master_key, 'WIP_MASTER_KEY');
  if (config.master_key_file) return parse(readText(config.master_key_file), config.master_key_file);
  if (config.mode === 'production') {
    throw new OperationalError('MASTER_KEY_MISSING', {
      happened: 'There is no master key, and production seals secrets with one',
      remedy: 'Set WIP_MASTER_KEY or WIP_MASTER_KEY_FILE to 32 random bytes in base64, the same on every node',
    });
  }
  return developmentKey(config.data_dir);
}

function developmentKey(directory: string): Secret<Buffer> {
  const file = join(directory, 'master.key');
  mkdirSync(directory, { recursive: true });
  try {
    // wx: of two starts at once one makes the key and both read it.
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unreadable(file, error);
  }
  chmodSync(file, 0o600);
  return parse(readText(file), file);
}

function parse(text: string, from: string): Secret<Buffer> {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === KEY_BYTES) return new Secret(key);
  throw new OperationalError('MASTER_KEY_MISSING', {
    happened: `The master key in ${from} has ${key.length} bytes instead of ${KEY_BYTES}`,
    remedy: 'Give 32 random bytes in base64, for example from "openssl rand -base64 32"',
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): OperationalError {
  return new OperationalError('MASTER_KEY_MISSING', {
    happened: `The master key file ${file} cannot be used: ${messageOf(cause)}`,
    remedy: 'Make it readable for this user, or name another with WIP_MASTER_KEY_FILE',
    cause,
  });
}
