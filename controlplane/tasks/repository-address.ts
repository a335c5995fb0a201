import { z } from 'zod';

/**
 * Anything `git clone` takes (a path may have blanks inside), but nothing that git could read as an option, and no
 * character that could forge a line of a log.
 */
export const VcsUri = z
  .string()
  .min(1)
  .max(2_048)
  .regex(
    /^(?!-)[^\s\p{Cc}](?:[^\p{Cc}\p{Zl}\p{Zp}]*[^\s\p{Cc}])?$/u,
    'must be a repository address without blanks at its ends and without control characters',
  );
