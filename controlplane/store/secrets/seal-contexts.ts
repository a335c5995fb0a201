import type { SealedColumn } from './sealed-values.ts';

// A sealed text can be opened only with the context it was sealed for, so a value that was moved to another row is refused.
// Stored values depend on these names: changing a name makes its values unreadable.

/** The final request of an effect. */
export const requestContext = (effectKey: string): string => `effect/${effectKey}/request`;

/** The private half of the SSH key that a container attempt is reached with. */
export const clientKeyContext = (attemptUuid: string): string => `container_attempt/${attemptUuid}/client_key`;

/** The key with which the agent of a container attempt signs its requests. */
export const signingKeyContext = (attemptUuid: string): string => `container_attempt/${attemptUuid}/signing_key`;

/** A secret option of a task. */
export const optionContext = (taskUuid: string, name: string): string => `task/${taskUuid}/option/${name}`;

/** The secret access key of an ECS cluster. */
export const clusterSecretContext = (cluster: string): string => `ecs_cluster/${cluster}/secret`;

/** The session token beside the access key of an ECS cluster. */
export const clusterTokenContext = (cluster: string): string => `ecs_cluster/${cluster}/session_token`;

/** The installation's private key for `secure:` values. */
export const BUILD_KEY_CONTEXT = 'setting/buildKey';

const CONTEXTS: Readonly<Record<SealedColumn, (id: string) => string>> = {
  option: (id) => {
    const [taskUuid = '', ...name] = id.split('/');
    return optionContext(taskUuid, name.join('/'));
  },
  request: requestContext,
  clientKey: clientKeyContext,
  signingKey: signingKeyContext,
  clusterSecret: clusterSecretContext,
  clusterToken: clusterTokenContext,
};

/** Returns the context of a value of this column; `id` is that of SealedValue. */
export function sealContextOf(column: SealedColumn, id: string): string {
  return CONTEXTS[column](id);
}
