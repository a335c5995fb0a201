import { OperationalError } from '../../shared/model/error.ts';
import { masterKeyId, type MasterKey } from '../../shared/keys/sealing.ts';

/**
 * The master keys of one node. All of them open sealed values. The database names the one that seals (sealing-key.ts),
 * so that a node with other keys never meets a value that it cannot open.
 */
export class MasterKeys implements MasterKey {
  /** The key in the node's own settings; a rotation goes to it. */
  readonly primaryId: string;
  readonly #keys: ReadonlyMap<string, Buffer>;
  #sealing: Buffer;

  constructor(primary: Buffer, old: readonly Buffer[]) {
    this.primaryId = masterKeyId(primary);
    this.#keys = new Map([primary, ...old].map((key) => [masterKeyId(key), key]));
    this.#sealing = primary;
  }

  readonly reveal = (): Buffer => this.#sealing;
  readonly others = (): readonly Buffer[] => [...this.#keys.values()].filter((key) => key !== this.#sealing);

  get ids(): readonly string[] {
    return [...this.#keys.keys()];
  }

  get sealingId(): string {
    return masterKeyId(this.#sealing);
  }

  /** Throws MASTER_KEY_MISSING when the node does not have this key. */
  sealWith(id: string): void {
    const key = this.#keys.get(id);
    if (!key) throw keyMissing(id, 'The installation seals with it');
    this.#sealing = key;
  }
}

export function keyMissing(id: string, why: string): OperationalError {
  return new OperationalError('MASTER_KEY_MISSING', {
    happened: `This node does not have the master key ${id}. ${why}`,
    remedy:
      'Set WIP_MASTER_KEY or WIP_MASTER_KEY_FILE to it, or put it among WIP_MASTER_KEYS_OLD or WIP_MASTER_KEYS_OLD_FILE',
  });
}
