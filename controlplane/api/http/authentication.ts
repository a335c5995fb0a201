/** From weakest to strongest; each may do what those before it may. */
export const ROLES = ['viewer', 'submitter', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Principal {
  /** The name of the token's owner; tasks belong to it. */
  readonly name: string;
  readonly role: Role;
  /** Groups whose tasks a submitter sees beside its own; absent for none. */
  readonly groups?: readonly string[];
}

export interface Authenticator {
  /** Returns null for a token that is unknown or revoked. Compares hashes only. */
  authenticate(token: string): Promise<Principal | null>;
}
