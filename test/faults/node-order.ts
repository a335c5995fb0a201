import { z } from 'zod';

/** The parent's order to a node. Travels over the channel between the two processes. */
export const NodeOrder = z.strictObject({
  name: z.string(),
  databaseUrl: z.string(),
  publicUrl: z.string(),
  masterKey: z.string(),
  leaseSeconds: z.number(),
  databasePool: z.number(),
  time: z.strictObject({ originMs: z.number(), speed: z.number() }),
  /** File to which each run of a state's method is appended: a record that no crash takes back. */
  journal: z.string(),
  /** The node kills itself at the n-th visit of this failpoint. */
  dieAt: z.strictObject({ failpoint: z.string(), visit: z.number() }).nullable(),
  /** The node kills itself at the first failpoint that is not in this list, by point or by name; null: at none. */
  dieAtNewPoint: z.array(z.string()).nullable(),
  /**
   * The node does not kill itself before its first save: otherwise the same entry would lose node after node, which
   * is poison.
   */
  isSparedUntilSave: z.boolean(),
});
export type NodeOrder = z.infer<typeof NodeOrder>;

/** A node's message to its parent. */
export const NodeMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('loaded') }),
  z.strictObject({ kind: z.literal('ready'), url: z.string() }),
  /** The node is about to kill itself here. */
  z.strictObject({ kind: z.literal('dying'), point: z.string() }),
]);
export type NodeMessage = z.infer<typeof NodeMessage>;

/** Returns the name of a failpoint with its state, such as `after-save-entering@containerWipInvoke`. */
export function pointName(failpoint: string, where: string | undefined): string {
  return where === undefined ? failpoint : `${failpoint}@${where}`;
}
