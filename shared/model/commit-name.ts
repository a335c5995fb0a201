import { z } from 'zod';

// Git accepts the digits of a commit in any case and writes them in lower case. So do these schemas: stored, compared and sent
// commits are in lower case.

/** The full name of a commit, of SHA-1 or SHA-256. A short name may mean a different commit tomorrow. */
export const CommitName = z
  .string()
  .regex(/^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$/, 'must be the full name of a commit: 40 or 64 hexadecimal digits')
  .toLowerCase();

/** The first digits of a commit, for searching; git accepts no fewer than four. */
export const CommitStart = z
  .string()
  .regex(/^[0-9a-fA-F]{4,64}$/, 'must be 4 to 64 digits of a commit')
  .toLowerCase();
