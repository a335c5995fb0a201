import { z } from 'zod';

/**
 * An address that `git clone` accepts (a path may contain blanks). Refused are texts that git could read as an option,
 * and characters that could forge a line of a log.
 */
export const VcsUri = z
  .string()
  .min(1)
  .max(2_048)
  .regex(
    /^(?!-)[^\s\p{Cc}](?:[^\p{Cc}\p{Zl}\p{Zp}]*[^\s\p{Cc}])?$/u,
    'must be a repository address without blanks at its ends and without control characters',
  );
