import { z } from 'zod';
import { Count } from '../view-fields.ts';

/** The master keys in use. A key is named by the beginning of its hash; no key is in the answer. */
export const SecretsView = z.object({
  target: z.string().describe('The key in the settings of the node that answered; a rotation goes to it.'),
  sealingWith: z.string().nullable().describe('The key that seals now; null before the first start.'),
  keys: z
    .array(z.object({ id: z.string(), values: Count }))
    .describe('Each key under which something is sealed, with the number of values.'),
  nodes: z
    .array(
      z.object({
        name: z.string(),
        masterKeys: z.array(z.string()).nullable(),
        sealingWith: z.string().nullable().describe('The key that seals now; null before the first start.'),
      }),
    )
    .describe('The nodes that live. A node of the version before says less: null.'),
  waitingFor: z.array(z.string()).describe('The steps that are missing until every other key can be removed.'),
  isDone: z.boolean().describe('Every other key can be removed.'),
});
export type SecretsView = z.infer<typeof SecretsView>;

/** The public keys for `secure:` values, as a JSON Web Key Set (RFC 7517). The first one seals, all of them open. */
export const BuildKeysView = z.object({
  keys: z
    .array(z.looseObject({ kid: z.string(), kty: z.string(), createdAt: z.string().nullable() }))
    .describe('JSON Web Keys, the one that seals first.'),
});
export type BuildKeysView = z.infer<typeof BuildKeysView>;

/** `rewrapped` counts the values of this request. */
export const RotationAnswer = SecretsView.extend({
  rewrapped: Count.describe('Values that this request sealed anew.'),
});
export type RotationAnswer = z.infer<typeof RotationAnswer>;

/** The text to be put behind `secure:` in a build file. */
export const SealedValueAnswer = z.object({ secure: z.string() });
export type SealedValueAnswer = z.infer<typeof SealedValueAnswer>;
