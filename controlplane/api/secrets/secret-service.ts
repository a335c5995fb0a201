import { OperationalError } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { rewrap, sealingKeyIdOf } from '../../../shared/keys/sealing.ts';
import type { RotationAnswer, SecretsView } from './secret-views.ts';
import type { Db } from '../../store/schema.ts';
import { BUILD_KEY_CONTEXT, sealContextOf } from '../../store/secrets/seal-contexts.ts';
import {
  countSealed,
  listSealedOtherwise,
  replaceBuildKey,
  replaceSealed,
  SEALED_COLUMNS,
  type SealedColumn,
  type SealedValue,
} from '../../store/secrets/sealed-values.ts';
import { liveNodes, type NodeRow } from '../../store/settings/nodes.ts';
import { getSetting } from '../../store/settings/settings.ts';
import { auditInto } from '../audit/audited.ts';
import type { MasterKeys } from '../../keys/master-keys.ts';
import { followSealingKey, readSealingKeyId, SEALING_SETTING, type Keyring } from '../../keys/sealing-key.ts';

export interface SecretService {
  readSecrets(): Promise<SecretsView>;
  /** Works on the rotation to this key for a few seconds: starts it, or continues where it stopped. Throws MASTER_KEY_NOT_EVERYWHERE. */
  rotateSecrets(to: string, by: string): Promise<RotationAnswer>;
}

export interface SecretServiceDeps extends Keyring {
  readonly db: Db;
  readonly nodeLiveSeconds: number;
  /** The longest time of a method: a value sealed at its beginning may be committed at its end. */
  readonly methodSeconds: number;
  readonly clock: Clock;
  /** Called before and after every commit. */
  readonly failpoint: (name: string) => Promise<void>;
}

// A page is a few milliseconds of work; after a crash at most one page is repeated.
const PAGE = 200;
// A request works for this long and then answers; the client sends the next request.
const BUDGET_MS = 2_000;

/**
 * Rotates the master key while nodes work. First one row switches all nodes to the new key. Then the data keys are wrapped anew,
 * page by page; a value is replaced only if it has not changed since it was read. A rotation that is killed at any point can be
 * continued.
 */
export function createSecretService(deps: SecretServiceDeps): SecretService {
  const audited = auditInto(deps.db);
  return {
    readSecrets: () => viewOf(deps, deps.keys.primaryId),
    rotateSecrets: async (to, by): Promise<RotationAnswer> => {
      await requireKeyEverywhere(deps, to);
      const from = await readSealingKeyId(deps.db);
      if (from !== to) {
        await switchTo(deps, to);
        await audited(by, 'rotate', 'master-key', { from, to });
      }
      const rewrapped = await rewrapAll(deps);
      return { ...(await viewOf(deps, to)), rewrapped };
    },
  };
}

/** After the switch every node reads values under the new key, so each must have it. Throws MASTER_KEY_NOT_EVERYWHERE. */
async function requireKeyEverywhere({ db, keys, nodeLiveSeconds }: SecretServiceDeps, to: string): Promise<void> {
  const lacking = (await liveNodes(db, nodeLiveSeconds)).filter(({ masterKeys }) => !masterKeys?.includes(to));
  const names = [...(keys.ids.includes(to) ? [] : ['the node that was asked']), ...lacking.map(({ name }) => name)];
  if (names.length === 0) return;
  throw new OperationalError('MASTER_KEY_NOT_EVERYWHERE', {
    happened: `Nothing was rotated: the master key ${to} is not known to ${names.join(', ')}`,
    remedy: 'Start these nodes again with both keys (WIP_MASTER_KEY and WIP_MASTER_KEYS_OLD), then rotate',
  });
}

async function switchTo({ db, keys, failpoint }: SecretServiceDeps, to: string): Promise<void> {
  keys.sealWith(to);
  const sealed = await getSetting(db, SEALING_SETTING);
  if (typeof sealed === 'string' && sealingKeyIdOf(sealed) !== to) {
    await failpoint('before-key-switch');
    // Another node may have switched in the meantime, to the same or another key: the row decides.
    await replaceBuildKey(db, sealed, rewrap(keys, sealed, BUILD_KEY_CONTEXT));
    await failpoint('after-key-switch');
  }
  await followSealingKey(db, keys);
}

async function rewrapAll(deps: SecretServiceDeps): Promise<number> {
  const endMs = deps.clock.monotonicMs() + BUDGET_MS;
  let rewrapped = 0;
  for (const column of SEALED_COLUMNS) {
    for (let afterId = ''; deps.clock.monotonicMs() < endMs;) {
      const { keys, sealedOptions, db } = deps;
      const page = { sealedOptions, keyId: keys.sealingId, afterId, limit: PAGE };
      const values = await listSealedOtherwise(db, column, page);
      await deps.failpoint('before-rewrap');
      rewrapped += await replaceSealed(
        db,
        column,
        values.flatMap((value) => replacementOf(keys, column, value)),
      );
      await deps.failpoint('after-rewrap');
      const last = values.at(-1);
      if (!last || values.length < PAGE) break;
      afterId = last.id;
    }
  }
  return rewrapped;
}

/** Returns nothing for a value that no key of this node opens: the view counts it with its key. */
function replacementOf(
  keys: MasterKeys,
  column: SealedColumn,
  value: SealedValue,
): (SealedValue & { replacement: string })[] {
  try {
    return [{ ...value, replacement: rewrap(keys, value.sealed, sealContextOf(column, value.id)) }];
  } catch (error) {
    if (error instanceof OperationalError && error.code === 'SEALED_UNREADABLE') return [];
    throw error;
  }
}

/** Reads the nodes before the values, so that values that a node sealed before its switch are counted. */
async function viewOf(deps: SecretServiceDeps, target: string): Promise<SecretsView> {
  const { db, sealedOptions, nodeLiveSeconds, methodSeconds } = deps;
  const nodes = await liveNodes(db, nodeLiveSeconds);
  const sealingWith = await readSealingKeyId(db);
  const values = await countSealed(db, sealedOptions);
  const waitingFor = [
    ...(sealingWith === target ? [] : [`the switch to the master key ${target}`]),
    ...nodes.flatMap((node) => whyNotSettled(node, target, methodSeconds)),
    ...values
      .filter(({ keyId }) => keyId !== target)
      .map(({ keyId, values: count }) => stillSealed(deps.keys, keyId, count)),
  ];
  return {
    target,
    sealingWith,
    keys: values.map(({ keyId, values: count }) => ({ id: keyId, values: count })),
    nodes: nodes.map(({ name, masterKeys, sealingKey }) => ({ name, masterKeys, sealingWith: sealingKey })),
    waitingFor,
    isDone: waitingFor.length === 0,
  };
}

function whyNotSettled(node: NodeRow, target: string, methodSeconds: number): string[] {
  if (node.sealingKey !== target) return [`node ${node.name}, which has not switched yet`];
  if ((node.sealingSeconds ?? 0) >= methodSeconds) return [];
  return [`what node ${node.name} sealed before it switched`];
}

function stillSealed(keys: MasterKeys, keyId: string, count: number): string {
  const what = `${count} ${count === 1 ? 'value' : 'values'} under the master key ${keyId}`;
  return keys.ids.includes(keyId) ? what : `${what}, which this node does not have`;
}
