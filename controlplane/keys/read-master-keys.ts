import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { refuseForeignData } from '../../shared/system/refuse-foreign-data.ts';
import type { ControlPlaneConfig } from '../config-fields.ts';
import { MasterKeys } from './master-keys.ts';

const KEY_BYTES = 32;

type KeyConfig = Pick<
  ControlPlaneConfig,
  'mode' | 'data_dir' | 'master_key' | 'master_key_file' | 'master_keys_old' | 'master_keys_old_file'
>;

/** Reads the node's master key and the older ones that open beside it. Throws MASTER_KEY_MISSING and DATA_DIRECTORY_UNUSABLE. */
export function readMasterKeys(config: KeyConfig): MasterKeys {
  const given = parseEach((config.master_keys_old ?? '').split(','), 'WIP_MASTER_KEYS_OLD');
  const file = config.master_keys_old_file;
  const inFile = file ? parseEach(readText(file).split('\n'), file) : [];
  return new MasterKeys(readMasterKey(config), [...given, ...inFile]);
}

/** Finds what readMasterKeys would throw for, and makes no key. Throws MASTER_KEY_MISSING. */
export function examineMasterKeys(config: KeyConfig): void {
  const isGiven = Boolean(config.master_key) || Boolean(config.master_key_file) || config.mode === 'production';
  const isMadeLater = !isGiven && !existsSync(developmentKeyFile(config.data_dir));
  readMasterKeys(isMadeLater ? { ...config, master_key: randomBytes(KEY_BYTES).toString('base64') } : config);
}

/**
 * Returns the key that seals every secret of the installation: given, read from a file, or (in development only) made
 * once in the data directory. Throws MASTER_KEY_MISSING when there is none or it is not 32 bytes of base64, and
 * DATA_DIRECTORY_UNUSABLE when somebody else may have made the one in the data directory.
 */
function readMasterKey(config: KeyConfig): Buffer {
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

function parseEach(texts: readonly string[], from: string): Buffer[] {
  return texts.filter((text) => text.trim() !== '').map((text) => parse(text, from));
}

function developmentKeyFile(directory: string): string {
  return join(directory, 'master.key');
}

function developmentKey(directory: string): Buffer {
  const file = developmentKeyFile(directory);
  refuseForeignData(directory);
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

function parse(text: string, from: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === KEY_BYTES) return key;
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
