import { z } from 'zod';

// Git takes the digits of a commit in any case and writes them small. So do these: what is kept, compared and sent is small.

/** The name of a commit in full: of SHA-1 or of SHA-256. Short names mean another commit tomorrow. */
export const CommitName = z
  .string()
  .regex(/^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$/, 'must be the full name of a commit: 40 or 64 hexadecimal digits')
  .toLowerCase();

/** The first digits of a commit, by which commits are looked for; git takes no fewer than four. */
export const CommitStart = z
  .string()
  .regex(/^[0-9a-fA-F]{4,64}$/, 'must be 4 to 64 digits of a commit')
  .toLowerCase();
