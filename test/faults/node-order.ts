import { z } from 'zod';

/** What the parent tells a node to be. Travels over the channel between the two processes. */
export const NodeOrder = z.strictObject({
  name: z.string(),
  databaseUrl: z.string(),
  publicUrl: z.string(),
  masterKey: z.string(),
  leaseSeconds: z.number(),
  databasePool: z.number(),
  time: z.strictObject({ originMs: z.number(), speed: z.number() }),
  /** Each run of a state's method is appended here: a witness that no crash takes back. */
  journal: z.string(),
  /** The node kills itself at the n-th visit of this failpoint. */
  dieAt: z.strictObject({ failpoint: z.string(), visit: z.number() }).nullable(),
  /** The node kills itself at the first failpoint that is not in this list, by point or by name; null: at none. */
  dieAtNewPoint: z.array(z.string()).nullable(),
  /** Not before it has saved something: else the same entry would lose node after node, which is poison. */
  isSparedUntilSave: z.boolean(),
});
export type NodeOrder = z.infer<typeof NodeOrder>;

/** What a node tells its parent. */
export const NodeWord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('loaded') }),
  z.strictObject({ kind: z.literal('ready'), url: z.string() }),
  /** It is about to kill itself here. */
  z.strictObject({ kind: z.literal('dying'), point: z.string() }),
]);
export type NodeWord = z.infer<typeof NodeWord>;

/** A failpoint by name and by what it belongs to, such as `after-save-entering@containerWipInvoke`. */
export function pointName(failpoint: string, where: string | undefined): string {
  return where === undefined ? failpoint : `${failpoint}@${where}`;
}
