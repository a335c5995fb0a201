import { z } from 'zod';

/** A commit of a payload. Its form is checked with the options of the build. */
export const DeliveredCommit = z.string().max(128).toLowerCase();

/** What a webhook tells, in the words of no service. */
export interface HookDelivery {
  /** What is the same for a delivery that is sent again, when this hook decides; see deliveryKey. */
  readonly keyFor: (hookId: string) => string;
  readonly change: Change;
}

export type Change =
  | ({ readonly kind: 'push' } & Repository & PushedBranch)
  | ({ readonly kind: 'pull_request' | 'merged' | 'closed' } & Repository & PullRequest)
  /** Nothing that a build is made of. `why`: a sentence for people. */
  | { readonly kind: 'nothing'; readonly why: string };

export type BuildChange = Exclude<Change, { kind: 'nothing' }>;

interface Repository {
  /** `owner/name`. */
  readonly repository: string;
  readonly addresses: { readonly https: string; readonly ssh: string };
}

interface PushedBranch {
  /** Without refs/heads/. */
  readonly branch: string;
  readonly commit: string;
}

interface PullRequest {
  readonly number: number;
  /** The branch it comes from, which may be in another repository. */
  readonly branch: string;
  /** The branch it goes to. */
  readonly target: string;
  /** The latest commit of `branch`; of a merged one, the commit that came to be on `target`. */
  readonly commit: string;
  /** The ref under which the service keeps `branch`, also after it was deleted. */
  readonly headRef: string;
  readonly isFork: boolean;
}

/** The headers of a delivery, names in lower case. */
export type DeliveryHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Returns a header that came once. */
export function deliveryHeader(headers: DeliveryHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

const BRANCH = 'refs/heads/';

/** Returns the name of the branch of a full ref; null for a tag and for what else there is. */
export function branchOfRef(ref: string): string | null {
  return ref.startsWith(BRANCH) ? ref.slice(BRANCH.length) : null;
}

/** Services tell of a deleted branch by a commit of nothing but zeros. */
export function isNoCommit(commit: string): boolean {
  return /^0+$/.test(commit);
}
