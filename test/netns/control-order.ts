import { z } from 'zod';

/** A container, where it is reached, and what it shares with the test. */
const PlacedContainer = z.strictObject({
  /** Of the cluster that holds this one container. */
  name: z.string(),
  mode: z.enum(['awsvpc', 'bridge']),
  pid: z.number(),
  address: z.string(),
  sshPort: z.number(),
  /** A directory of this machine that the container has too. */
  volume: z.string(),
});
export type PlacedContainer = z.infer<typeof PlacedContainer>;

/** The order to the control plane's process. Travels over the channel between the two processes. */
export const ControlOrder = z.strictObject({
  directory: z.string(),
  /** Address for agents. */
  host: z.string(),
  containers: z.array(PlacedContainer),
});
export type ControlOrder = z.infer<typeof ControlOrder>;

/** The answer: Unix sockets that lead to the node and to its database, which are in a network of their own. */
export const ControlReady = z.strictObject({
  token: z.string(),
  nodeSocket: z.string(),
  databaseSocket: z.string(),
  /** Its host and port are those of the other network. */
  databaseUrl: z.string(),
});
export type ControlReady = z.infer<typeof ControlReady>;
