import { z } from 'zod';

// The types of fields in requests, as the protocol has them. What a value may be is checked by the rules of each action: a
// wrong type is a SerializationException in ECS, a wrong value another error.

/** An Integer of the protocol: 32 bits. */
export const Integer = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);
export const Text = z.string();
export const Texts = z.array(Text);
/** A pair whose value may be left out. */
export const Pair = z.looseObject({ name: Text, value: Text.default('') });
export const Pairs = z.array(Pair);
