import { OperationalError } from '../../shared/model/error.ts';
import type { Db } from '../store/schema.ts';
import { addBuildKey, readBuildKeys, type BuildKeys } from './build-key.ts';
import { describeBuildKey, openBuildValue, sealBuildValue, type PublicBuildKey } from './build-values.ts';
import type { MasterKeys } from './master-keys.ts';

/**
 * The keys for `secure:` values, as one node knows them. The newest seals and all of them open. A node reads them again when
 * it seals, and when a value does not open: another node may have made a new key.
 */
export class BuildKeyring {
  readonly #db: Db;
  readonly #masterKeys: MasterKeys;
  #keys: BuildKeys;

  constructor(db: Db, masterKeys: MasterKeys, keys: BuildKeys) {
    this.#db = db;
    this.#masterKeys = masterKeys;
    this.#keys = keys;
  }

  /** A secret of the installation that no rotation changes. */
  get lastingSecret(): string {
    return this.#keys.at(-1)!.privateKey;
  }

  /** Throws SEALED_UNREADABLE, which names the key that a value is sealed with. */
  async open(text: string): Promise<string> {
    try {
      return await openBuildValue(this.#keys, text);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      const known = this.#keys.length;
      await this.#refresh();
      if (this.#keys.length === known) throw error;
      return openBuildValue(this.#keys, text);
    }
  }

  /** Returns the text to put behind `secure:`. */
  async seal(value: string): Promise<string> {
    await this.#refresh();
    return sealBuildValue(this.#keys[0].publicKey, value);
  }

  /** Newest first. */
  async publicKeys(): Promise<readonly PublicBuildKey[]> {
    await this.#refresh();
    return Promise.all(this.#keys.map(describeBuildKey));
  }

  /** Makes a new key and returns it. */
  async rotate(at: Date): Promise<PublicBuildKey> {
    this.#keys = await addBuildKey(this.#db, this.#masterKeys, at);
    return describeBuildKey(this.#keys[0]);
  }

  async #refresh(): Promise<void> {
    this.#keys = await readBuildKeys(this.#db, this.#masterKeys);
  }
}
