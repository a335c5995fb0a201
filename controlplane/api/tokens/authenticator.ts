import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { sha256Hex } from '../../../shared/support/signing.ts';
import { findApiToken } from '../../store/settings/api-tokens.ts';
import type { Db } from '../../store/schema.ts';
import type { Authenticator } from '../http/authentication.ts';

// Half as long as the tokens of `wipctl tokens create` (256 bits, 43 characters of base64), which cannot be guessed
// either.
const LEAST_CHARACTERS = 22;

/** Accepts the tokens of the database, and the one of the admin token file where the node has one. */
export function createAuthenticator(db: Db, adminTokenFile: string | undefined): Authenticator {
  return withAdminToken(adminTokenFile, { authenticate: (token) => findApiToken(db, sha256Hex(token)) });
}

/**
 * Accepts the token of a file beside the others: the first administrator has no other, and one who was locked out gets
 * back in with it. A file can be mounted as a secret, while a variable shows in process lists and dumps, a token printed at
 * the first start in log stores, and a command that writes to the database would need access from each operator's machine.
 * Only the hash of the token is kept. Throws CONFIG_INVALID when the file holds none.
 */
export function withAdminToken(file: string | undefined, others: Authenticator): Authenticator {
  if (file === undefined) return others;
  const expected = Buffer.from(sha256Hex(readToken(file)));
  return {
    authenticate: async (token) =>
      timingSafeEqual(Buffer.from(sha256Hex(token)), expected)
        ? { name: 'admin', role: 'admin' }
        : others.authenticate(token),
  };
}

function readToken(file: string): string {
  try {
    const token = readFileSync(file, 'utf8').trim();
    if (/^[\x21-\x7e]+$/.test(token) && token.length >= LEAST_CHARACTERS) return token;
    throw new Error(`it must hold one word of at least ${LEAST_CHARACTERS} characters`);
  } catch (cause) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `The admin token in ${file} cannot be used: ${messageOf(cause)}`,
      remedy: 'Write one with "openssl rand -base64 32" and make it readable for this node only',
      cause,
    });
  }
}
