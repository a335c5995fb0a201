import { z } from 'zod';
import { Count } from '../view-fields.ts';

/** Which master keys seal what; no key is in it, only the beginnings of their hashes. */
export const SecretsView = z.object({
  /** The key of the setting of the node that answered: what a rotation goes to. */
  target: z.string(),
  sealingWith: z.string().nullable(),
  keys: z.array(z.object({ id: z.string(), values: Count })),
  /** Those that live; null for what a node of the version before does not say. */
  nodes: z.array(
    z.object({
      name: z.string(),
      masterKeys: z.array(z.string()).nullable(),
      sealingWith: z.string().nullable(),
    }),
  ),
  /** What is missing until every other key can be removed. */
  waitingFor: z.array(z.string()),
  isDone: z.boolean(),
});
export type SecretsView = z.infer<typeof SecretsView>;

/** `rewrapped`: by this request. */
export const RotationAnswer = SecretsView.extend({ rewrapped: Count });
export type RotationAnswer = z.infer<typeof RotationAnswer>;
