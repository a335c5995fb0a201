import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { Secret } from '../../../shared/keys/secret.ts';

/** The only key that local ECS accepts. Its holder can start programs as the user of local ECS. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret<string>;
}

// The format of AWS's own keys, because tools check it (IAM API reference, AccessKey: 16 to 128 word characters).
const AccessKeyFile = z.strictObject({
  accessKeyId: z.string().regex(/^\w{16,128}$/),
  secretAccessKey: z.string().min(40),
});
const OWNER_ONLY = 0o600;

/** Reads the key of a directory, or makes one. The key stays the same over restarts, because other shells hold it. */
export async function openAccessKey(directory: string): Promise<AccessKey> {
  const file = path.join(directory, 'access-key.json');
  const found = (await readKey(file)) ?? (await makeKey(file));
  return { accessKeyId: found.accessKeyId, secretAccessKey: new Secret(found.secretAccessKey) };
}

async function readKey(file: string): Promise<z.infer<typeof AccessKeyFile> | null> {
  try {
    const text = await readFile(file, 'utf8');
    await chmod(file, OWNER_ONLY);
    return AccessKeyFile.parse(JSON.parse(text));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new OperationalError('DATA_DIRECTORY_UNUSABLE', {
      happened: `The access key of local ECS in ${file} cannot be used: ${messageOf(cause)}`,
      remedy: 'Delete the file; the next start makes a new key',
      cause,
    });
  }
}

async function makeKey(file: string): Promise<z.infer<typeof AccessKeyFile>> {
  const key = {
    accessKeyId: `WIPLOCAL${randomBytes(6).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  };
  // Written completely or not at all: half a key would fail every later start.
  await writeFile(`${file}.tmp`, `${JSON.stringify(key)}\n`, { mode: OWNER_ONLY });
  await rename(`${file}.tmp`, file);
  return key;
}
