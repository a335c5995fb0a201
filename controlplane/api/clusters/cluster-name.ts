import { z } from 'zod';

/** Names stand in paths, in commands and in lists that are separated by commas. */
export const ClusterName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must have letters, digits, - and _ only, at most 64');
