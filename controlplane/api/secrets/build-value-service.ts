import type { Clock } from '../../../shared/time/clock.ts';
import type { BuildKeyring } from '../../keys/build-keyring.ts';
import type { Db } from '../../store/schema.ts';
import { auditInto } from '../audit/audited.ts';
import type { BuildKeysView } from './secret-views.ts';

/** Seals values for `secure:` in build files, and keeps the keys for that. */
export interface BuildValueService {
  /** PEM of the key that seals, for those who seal on their own machine. */
  publicKey(): Promise<string>;
  /** All keys as a JSON Web Key Set (RFC 7517), the one that seals first. */
  publicKeys(): Promise<BuildKeysView>;
  /** Returns the text to put behind `secure:`. */
  seal(value: string): Promise<string>;
  /** Makes a new key that seals from now on, and returns all. */
  rotateBuildKey(by: string): Promise<BuildKeysView>;
}

export interface BuildValueDeps {
  readonly db: Db;
  readonly buildKeys: BuildKeyring;
  readonly clock: Clock;
}

export function createBuildValueService({ db, buildKeys, clock }: BuildValueDeps): BuildValueService {
  const audited = auditInto(db);
  const publicKeys = async (): Promise<BuildKeysView> => {
    const keys = await buildKeys.publicKeys();
    return { keys: keys.map(({ jwk, id, createdAt }) => ({ ...jwk, kty: jwk.kty ?? '', kid: id, createdAt })) };
  };
  return {
    publicKey: async () => (await buildKeys.publicKeys())[0]?.pem ?? '',
    publicKeys,
    seal: (value) => buildKeys.seal(value),
    rotateBuildKey: async (by) => {
      const { id } = await buildKeys.rotate(clock.now());
      await audited(by, 'rotate', 'build-key', { to: id });
      return publicKeys();
    },
  };
}
