import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/time/clock.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import type { Db } from '../../store/schema.ts';
import { addApiToken, listApiTokens, revokeApiToken, type ListedToken } from '../../store/settings/api-tokens.ts';
import { auditInto } from '../audit/audited.ts';
import type { Role } from '../http/authentication.ts';
import type { NewTokenAnswer, TokenView } from './token-views.ts';

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly groups?: readonly string[];
}

export interface TokenService {
  listTokens(): Promise<readonly TokenView[]>;
  createToken(token: NewToken, by: string): Promise<NewTokenAnswer>;
  revokeToken(id: number, by: string): Promise<'revoked' | 'unknown'>;
}

export interface TokenServiceDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly makeToken: () => Secret<string>;
}

export function createTokenService({ db, makeToken, clock }: TokenServiceDeps): TokenService {
  const audited = auditInto(db);
  return {
    listTokens: async () => (await listApiTokens(db)).map(tokenView),
    createToken: async ({ name, role, groups = [] }, by) => {
      const token = makeToken().reveal();
      const id = await addApiToken(db, { name, role, groups, tokenHash: sha256Hex(token) });
      await audited(by, 'create', `token/${id}`, { name, role, ...(groups.length > 0 && { groups }) });
      return { id, name, role, groups: [...groups], createdAt: clock.now().toISOString(), revokedAt: null, token };
    },
    revokeToken: async (id, by) => {
      const outcome = await revokeApiToken(db, id);
      if (outcome === 'revoked') await audited(by, 'revoke', `token/${id}`);
      return outcome;
    },
  };
}

function tokenView({ createdAt, revokedAt, groups, ...plain }: ListedToken): TokenView {
  return {
    ...plain,
    groups: [...groups],
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

/** Returns 256 random bits; the prefix tells people that it is a token of Wip. */
export function createToken(): Secret<string> {
  return new Secret(`wip_${randomBytes(32).toString('base64url')}`);
}
