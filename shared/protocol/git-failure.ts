import { z } from 'zod';

/** Why git failed, whose fault it is, and whether the very same command may succeed later. */
export const GIT_FAILURES = {
  'access-denied': { fault: 'user', retryable: false },
  'repository-missing': { fault: 'user', retryable: false },
  'ref-missing': { fault: 'user', retryable: false },
  'address-invalid': { fault: 'user', retryable: false },
  /** No such host, no route, refused, timed out, or cut off. */
  unreachable: { fault: 'system', retryable: true },
  /** The server answered that it cannot serve at the moment. */
  'server-error': { fault: 'system', retryable: true },
  'host-key': { fault: 'system', retryable: false },
  certificate: { fault: 'system', retryable: false },
  /** The branch got new commits before the push. */
  'branch-moved': { fault: 'user', retryable: true },
  /** `a` and `a/b` cannot both be branches. */
  'ref-conflict': { fault: 'user', retryable: false },
  /** A rule of the server keeps the branch from such pushes, or from this key. */
  'branch-protected': { fault: 'user', retryable: false },
  'hook-declined': { fault: 'user', retryable: false },
  /** Refused by the remote repository for another reason. */
  rejected: { fault: 'user', retryable: false },
  'too-large': { fault: 'user', retryable: false },
  /** A quota of the account or the repository is used up; the server's disk is not full. */
  quota: { fault: 'user', retryable: false },
  'remote-disk-full': { fault: 'system', retryable: true },
  'disk-full': { fault: 'user', retryable: false },
  /** What the source or the workspace holds is nothing that git takes: a broken .gitmodules, a file that cannot be read. */
  'content-invalid': { fault: 'user', retryable: false },
  /** The configuration of git in the image or in the environment cannot be read. */
  'settings-invalid': { fault: 'system', retryable: false },
  'object-format': { fault: 'user', retryable: false },
  /** git reported a successful push, but the repository does not have the commit. */
  unconfirmed: { fault: 'system', retryable: true },
  unknown: { fault: 'system', retryable: false },
} as const satisfies Readonly<Record<string, { fault: 'user' | 'system'; retryable: boolean }>>;

export type GitFailureKind = keyof typeof GIT_FAILURES;

/** A failure of git as programs read it. */
export const ToldGitFailure = z.object({
  code: z.string(),
  kind: z.enum(Object.keys(GIT_FAILURES) as [GitFailureKind, ...GitFailureKind[]]),
  fault: z.enum(['user', 'system']),
  retryable: z.boolean(),
  message: z.string(),
});
export type ToldGitFailure = z.infer<typeof ToldGitFailure>;

/** The output of `build export` on stdout when git failed; a site's own tool may print nothing. */
export const BuildExportFailure = z.object({ failure: ToldGitFailure });
export type BuildExportFailure = z.infer<typeof BuildExportFailure>;
