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

/** Where the operator wrote the first token. Both may be given while one is changed for the other. */
export interface AdminTokenSources {
  readonly token?: string | undefined;
  readonly file?: string | undefined;
}

/** Accepts the tokens of the database, and those that the operator gave to the node. */
export function createAuthenticator(db: Db, given: AdminTokenSources): Authenticator {
  return withAdminToken(given, { authenticate: (token) => findApiToken(db, sha256Hex(token)) });
}

/**
 * Accepts the operator's token beside the others: the first administrator has no other, and one who was locked out gets
 * back in with it. A file is better than a variable, which shows in process lists and dumps, but ECS hands secrets to
 * containers as variables only. A token printed at the first start would stand in log stores, and a command that writes to
 * the database would need access from each operator's machine. Only hashes are kept. Throws CONFIG_INVALID when a given
 * token cannot be used.
 */
export function withAdminToken({ token, file }: AdminTokenSources, others: Authenticator): Authenticator {
  const expected = [
    ...(token === undefined ? [] : [readToken('WIP_ADMIN_TOKEN', () => token)]),
    ...(file === undefined ? [] : [readToken(file, () => readFileSync(file, 'utf8'))]),
  ].map((each) => Buffer.from(sha256Hex(each)));
  if (expected.length === 0) return others;
  return {
    authenticate: async (presented) => {
      const hash = Buffer.from(sha256Hex(presented));
      return expected.some((each) => timingSafeEqual(hash, each))
        ? { name: 'admin', role: 'admin' }
        : others.authenticate(presented);
    },
  };
}

function readToken(from: string, read: () => string): string {
  try {
    const token = read().trim();
    if (/^[\x21-\x7e]+$/.test(token) && token.length >= LEAST_CHARACTERS) return token;
    throw new Error(`it must hold one word of at least ${LEAST_CHARACTERS} characters`);
  } catch (cause) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `The admin token in ${from} cannot be used: ${messageOf(cause)}`,
      remedy: 'Write one with "openssl rand -base64 32" and make it readable for this node only',
      cause,
    });
  }
}
