/** Identity and rights of a connection whose key is proven. */
export interface Login {
  /** Unix user its commands run as. */
  readonly user: string;
  /** `client`: commands, files, and the agent API. `developer`: commands and files. */
  readonly rights: 'client' | 'developer';
}

export interface LoginRules {
  /** Public keys as they travel, without type and comment. */
  readonly clientKeys: readonly Buffer[];
  readonly developerKey: Buffer | undefined;
  readonly workloadUser: string;
  readonly isRoot: boolean;
}

/**
 * Returns whether this key may log in under this name; its signature is checked elsewhere. An agent that is not root
 * can only run things as itself, so it accepts the name `root` as well: the control plane need not know which it is.
 */
export function decideLogin(name: string, key: Buffer, rules: LoginRules): Login | undefined {
  const { workloadUser, isRoot, developerKey } = rules;
  if (rules.clientKeys.some((known) => known.equals(key))) {
    if (name === workloadUser) return { user: workloadUser, rights: 'client' };
    if (name === 'root') return { user: isRoot ? 'root' : workloadUser, rights: 'client' };
    return undefined;
  }
  const isDeveloper = developerKey?.equals(key) === true && name === workloadUser;
  return isDeveloper ? { user: workloadUser, rights: 'developer' } : undefined;
}
