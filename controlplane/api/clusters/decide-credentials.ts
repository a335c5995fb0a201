import { FieldsInvalidError } from '../http/fields-invalid-error.ts';
import type { ClusterChange } from './cluster-change.ts';

type KeyChange = Pick<ClusterChange, 'name' | 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;

/** What a cluster is called with after the change: the key that the change brings, the one that is stored, or the node's own. */
export type CredentialsChange =
  | { readonly kind: 'of-node' }
  | { readonly kind: 'stored'; readonly accessKeyId: string }
  | {
      readonly kind: 'given';
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken: string | null;
    };

/** IAM User Guide, "Understanding unique ID prefixes": temporary keys of STS begin so. */
const KEY_OF_SESSION = 'ASIA';

/**
 * An administrator can change other settings without the secret: beside the stored access key the stored secret and
 * session token stay. Throws CONFIG_INVALID for a key that is not whole.
 */
export function decideCredentials(
  { name, accessKeyId, secretAccessKey, sessionToken }: KeyChange,
  known: { readonly accessKeyId: string | null; readonly hasSecret: boolean } | undefined,
): CredentialsChange {
  if (accessKeyId === undefined) {
    if (secretAccessKey !== undefined) throw incomplete(name, 'a secret without its access key', 'accessKeyId');
    if (sessionToken !== undefined) throw incomplete(name, 'a session token without its access key', 'accessKeyId');
    return { kind: 'of-node' };
  }
  if (secretAccessKey === undefined && sessionToken === undefined) {
    if (known?.accessKeyId === accessKeyId && known.hasSecret) return { kind: 'stored', accessKeyId };
    throw incomplete(name, 'an access key without its secret', 'secretAccessKey');
  }
  if (secretAccessKey === undefined)
    throw incomplete(name, 'a session token without the secret of its access key', 'secretAccessKey');
  if (accessKeyId.startsWith(KEY_OF_SESSION) && sessionToken === undefined)
    throw incomplete(name, 'the access key of a session without its token', 'sessionToken');
  return { kind: 'given', accessKeyId, secretAccessKey, sessionToken: sessionToken ?? null };
}

function incomplete(name: string, what: string, path: string): FieldsInvalidError {
  const happened = `The cluster "${name}" was given ${what}`;
  const remedy =
    'Give accessKeyId, secretAccessKey and, for the keys of a session, sessionToken together, or leave all out to use the credentials of the node';
  return new FieldsInvalidError('CONFIG_INVALID', { happened, remedy }, [
    { path, message: `is missing: the cluster was given ${what}` },
  ]);
}
