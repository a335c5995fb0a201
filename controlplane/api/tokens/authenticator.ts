import { timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import { readAdminTokens, type AdminTokenSources } from '../../keys/read-admin-tokens.ts';
import { findApiToken } from '../../store/settings/api-tokens.ts';
import type { Db } from '../../store/schema.ts';
import type { Authenticator } from '../http/authentication.ts';

/** Accepts the tokens of the database and the operator's token of the node's settings. */
export function createAuthenticator(db: Db, given: AdminTokenSources): Authenticator {
  return withAdminToken(given, { authenticate: (token) => findApiToken(db, sha256Hex(token)) });
}

/**
 * Accepts the operator's token as well: the first administrator has no other token, and one who is locked out can sign in with
 * it. A file is better than a variable, which shows in process lists and dumps, but ECS hands secrets to containers as variables
 * only. A token printed at the first start would stand in log stores, and a command that writes to the database would need access
 * from each operator's machine. Only hashes are kept. Throws CONFIG_INVALID when a given token cannot be used.
 */
export function withAdminToken(given: AdminTokenSources, others: Authenticator): Authenticator {
  const expected = readAdminTokens(given).map((each) => Buffer.from(sha256Hex(each)));
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
